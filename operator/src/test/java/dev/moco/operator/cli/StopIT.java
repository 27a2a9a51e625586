package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.moco.contract.ExitCode;
import dev.moco.localcluster.TestCluster;
import dev.moco.operator.local.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in a real terminal, and signals, to the real programs: what is trained is kept. */
class StopIT {
    private static final String CTRL_C = "\u0003";
    private static final Pattern STOPPED = Pattern.compile("pretrain .*: stopped at step (\\d+), with a checkpoint");
    /** Passes long enough in {@code pretrain} that no machine ends it before the test does. */
    private static final int EPOCHS = 20_000;
    /** A bar of the second epoch or a later one: how many pass between two bars depends on the machine. */
    private static final Pattern AFTER_AN_EPOCH = Pattern.compile("pretrain .*% (knn )?epoch (?!1/)\\d+/" + EPOCHS);

    @TempDir
    Path folder;

    @Test
    void whoStopsKeepsTheCheckpointAndTheNextRunResumesFromIt() throws Exception {
        assumeTrue(MocoProcess.hasTerminals(), "no script of util-linux, which makes a terminal");
        Path files = experiments();
        String[] run = {
            "run", files.toString(), "--work", folder.resolve("work").toString()
        };
        try (BuiltCheckout checkout = BuiltCheckout.of(TestCluster.home())) {
            int first = stoppedOnATerminal(checkout, files);
            resumes(checkout, first, run);
            stoppedBySignal(checkout, first, run);
        }
    }

    /** A stage of several processes, all of which get Ctrl-C. */
    private int stoppedOnATerminal(BuiltCheckout checkout, Path files) throws Exception {
        String work = folder.resolve("work").toString();
        try (MocoProcess process =
                MocoProcess.terminal(checkout, "run", files.toString(), "--work", work, "--devices", "2")) {
            process.awaitMatch(AFTER_AN_EPOCH);
            process.type(CTRL_C);
            MocoProcess.ProcessOutput output = process.ended();
            assertThat(output.exitCode()).as(output.out()).isEqualTo(ExitCode.INTERRUPTED);
            int step = step(output.out());
            assertThat(step).isGreaterThan(4);
            assertThat(output.out())
                    .contains("stopping, as asked; stages save checkpoints", "| tiny |", "| other |")
                    .contains(
                            "moco: stopped; ended before: none; tiny, kept: prepare-imagenet, pretrain at step " + step
                                    + "; other, kept: prepare-imagenet; to go on: moco run " + files
                                    + " --work " + work + " --devices 2");
            return step;
        }
    }

    /** While a stage does not answer, a second Ctrl-C leaves at once. */
    private void resumes(BuiltCheckout checkout, int step, String... run) throws Exception {
        try (MocoProcess process = MocoProcess.terminal(checkout, run)) {
            awaitLog("resuming from the checkpoint of step=" + step);
            ProcessHandle stage = process.stage("pretrain").orElseThrow();
            signal("STOP", stage);
            process.type(CTRL_C);
            process.awaitText("Ctrl-C again leaves at once");
            process.type(CTRL_C);
            assertThat(process.ended().exitCode()).isEqualTo(130);
            signal("CONT", stage);
            await().atMost(Duration.ofMinutes(10)).until(() -> !stage.isAlive());
        }
    }

    private void stoppedBySignal(BuiltCheckout checkout, int before, String... run) throws Exception {
        Files.delete(log());
        try (MocoProcess process = MocoProcess.launcher(checkout, Map.of(), run)) {
            awaitLog("resuming from the checkpoint of step=");
            process.awaitText("epoch ");
            process.terminate();
            // As when a terminal is closed: more than one signal, and none of them leaves at once.
            process.hangUp();
            process.hangUp();
            MocoProcess.ProcessOutput output = process.ended();
            assertThat(output.exitCode()).as(output.out() + output.error()).isEqualTo(ExitCode.INTERRUPTED);
            int step = step(output.out());
            assertThat(step).isGreaterThan(before);
            assertThat(output.error())
                    .contains("pretrain at step " + step + "; other, kept: prepare-imagenet; to go on: moco run ")
                    .hasLineCount(1);
        }
    }

    private Path experiments() throws IOException {
        TinyData.write(folder);
        Path file = TinyData.experiment(folder, EPOCHS, 1, "");
        String tiny = Files.readString(file).replace("{trials: 1,", "{enabled: false,");
        return Files.writeString(
                folder.resolve("both.yaml"), tiny + "---\n" + tiny.replace("name: tiny", "name: other"));
    }

    private static int step(String output) {
        Matcher matcher = STOPPED.matcher(output);
        assertThat(matcher.find()).as(output).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private Path log() {
        return folder.resolve("work/logs/tiny/pretrain.log");
    }

    private void awaitLog(String text) {
        await().atMost(Duration.ofMinutes(10))
                .until(() -> Files.exists(log()) && Files.readString(log()).contains(text));
    }

    private static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }
}
