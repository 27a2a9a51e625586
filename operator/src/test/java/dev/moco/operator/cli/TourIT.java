package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ExitCode;
import dev.moco.localcluster.TestCluster;
import dev.moco.operator.local.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of {@code docs/tour.md}, as they stand there, on a small folder of images. */
class TourIT {
    private static final Pattern COMMAND = Pattern.compile("```bash\n(.*?)\n```", Pattern.DOTALL);

    @TempDir
    Path data;

    @Test
    void everyStepOfTheTourIsOneCommandThatDoesWhatItSays() throws Exception {
        try (BuiltCheckout checkout = BuiltCheckout.of(TestCluster.home())) {
            Path folder = checkout.folder();
            Files.move(TinyData.write(data).resolve("imagenet"), folder.resolve("photos"));
            try (MocoProcess nothing = MocoProcess.shell(folder, "./moco list")) {
                MocoProcess.ProcessOutput output = nothing.ended();
                assertThat(output.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
                assertThat(output.error()).contains("nothing has run in this folder, which has no .moco", "--store");
            }
            Map<String, String> outputs = new LinkedHashMap<>();
            for (String command : commands()) {
                outputs.put(command, run(folder, command));
            }
            assertThat(output(outputs, "init")).contains("photos.yaml: 64 images, 2 classes");
            assertThat(output(outputs, "plan")).contains("pretrain", "linear");
            assertThat(output(outputs, "sweep photos.yaml --set temperature=0.1,0.2,0.4"))
                    .contains("TEMPERATURE", "top-1, % over temperature");
            assertThat(folder.resolve(".moco/reports/comparison.html"))
                    .content()
                    .contains("photos-temperature-0-1", "photos-temperature-0-4", "<svg");
            assertThat(output(outputs, "eval")).contains("photos-temperature-0-2-epoch-4");
            assertThat(Files.readString(
                            folder.resolve(".moco/logs/photos-schedule-step-milestones-6-epochs-10/pretrain.log")))
                    .contains("going on from the checkpoint of step=64 of key=");
            assertThat(folder.resolve("encoder.pth")).isNotEmptyFile();
            assertThat(Files.readString(folder.resolve("temperatures.yaml")))
                    .contains("name: photos-temperature-0-4", "temperature: 0.4");
            assertThat(output(outputs, "list")).contains("photos-temperature-0-4", "Succeeded");
            assertThat(output(outputs, "du")).contains("photos-temperature-0-4");
            assertThat(output(outputs, "gc")).contains("Deleted");
            assertThat(run(folder, "./moco list"))
                    .contains("photos-temperature-0-2")
                    .doesNotContain("photos-temperature-0-4");
        }
    }

    private static List<String> commands() throws IOException {
        List<String> commands = new ArrayList<>();
        Matcher block = COMMAND.matcher(Files.readString(TestCluster.home().resolve("docs/tour.md")));
        while (block.find()) {
            commands.add(block.group(1));
        }
        assertThat(commands).hasSizeGreaterThan(10);
        return commands;
    }

    /** Output of the one command that begins with a text. */
    private static String output(Map<String, String> outputs, String start) {
        return outputs.entrySet().stream()
                .filter(command -> command.getKey().startsWith("./moco " + start))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
    }

    private static String run(Path folder, String command) throws IOException, InterruptedException {
        try (MocoProcess process = MocoProcess.shell(folder, command)) {
            MocoProcess.ProcessOutput output = process.ended();
            assertThat(output.exitCode())
                    .as("%s: %s%s", command, output.out(), output.error())
                    .isEqualTo(ExitCode.DONE);
            return output.out();
        }
    }
}
