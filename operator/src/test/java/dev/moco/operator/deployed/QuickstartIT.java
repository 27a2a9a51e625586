package dev.moco.operator.deployed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.cli.MocoProcess.ProcessOutput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of a new user: install the operator from its manifests, run the whole quickstart, and read its results. */
class QuickstartIT {
    /** The quickstart takes three minutes on two idle cores. */
    private static final Duration LONGEST = Duration.ofMinutes(30);

    private static final String NAME = "quickstart";

    /** Rows of the report: the trained encoder, the untrained one, and the gain. */
    private static final Pattern LINEAR = Pattern.compile(
            "\\| Linear top-1, best epoch \\((?<epoch>\\d+)\\) \\| [0-9.]+ \\| [0-9.]+ \\| (?<gain>[-+][0-9.]+) \\|");

    private static final Pattern AP50 = Pattern.compile("\\| VOC07 AP50, 2 trials \\| (?<ap50>[0-9.]+)±");

    @TempDir
    Path folder;

    @Test
    void theQuickstartRunsAndIsReusedAfterItsDeletion() throws Exception {
        try (DeployedCluster deployed = DeployedCluster.start((node, store) -> node)) {
            Path watched = folder.resolve("watch");
            Process watch = deployed.startWatching(watched, "get", "mocoexperiments", "-w");
            apply(deployed);
            deployed.await(NAME, "Ready", LONGEST);
            Awaitility.await()
                    .atMost(Duration.ofMinutes(10))
                    .until(() -> Files.readString(watched).contains(" True "));
            watch.destroy();
            watch.waitFor();
            // Events are written after the status.
            String described = Awaitility.await()
                    .atMost(Duration.ofMinutes(10))
                    .until(
                            () -> deployed.kubectl("describe", "mocoexperiment", NAME),
                            text -> text.contains("ExperimentSucceeded"));
            System.err.println(Files.readString(watched) + described);

            showsStagesProgressAndMetrics(Files.readAllLines(watched));
            readsLikeAReport(described);
            theCommandsSayTheSame(deployed);

            int before = deployed.kubectl("get", "jobs", "-o", "name")
                    .lines()
                    .toList()
                    .size();
            assertThat(before)
                    .as("two prepares, pretrain, two linears, detection")
                    .isEqualTo(6);
            String key = deployed.kubectl("get", "moco", NAME, "-o", "jsonpath={.status.stages[*].digest}");
            deployed.kubectl("delete", "mocoexperiment", NAME);
            deployed.kubectl("wait", "--for=delete", "jobs,pods", "--all", "--timeout=600s");
            apply(deployed);
            deployed.await(NAME, "Ready", LONGEST);
            assertThat(deployed.kubectl("get", "moco", NAME, "-o", "jsonpath={.status.stages[*].digest}"))
                    .isEqualTo(key);
            assertThat(deployed.kubectl("get", "jobs", "-o", "name")).isEmpty();

            assertThat(deployed.operatorRequests())
                    .isNotEmpty()
                    .noneMatch(request -> request.code() == 403)
                    .noneMatch(request -> request.code() == 401);
        }
    }

    private static void apply(DeployedCluster deployed) throws Exception {
        deployed.kubectl(
                "apply",
                "-f",
                DeployedCluster.home()
                        .resolve("pipelines/quickstart/experiment.yaml")
                        .toString());
    }

    private static void showsStagesProgressAndMetrics(List<String> lines) {
        assertThat(lines.get(0).split(" +"))
                .containsExactly("NAME", "STAGE", "PROGRESS", "ETA", "TOP1", "AP50", "AP", "AP75", "READY", "AGE");
        assertThat(lines).anyMatch(line -> line.matches("quickstart +prepare-(imagenet|voc) .* False .*"));
        assertThat(lines)
                .anyMatch(line ->
                        line.matches("quickstart +(pretrain|detect-[01]) +[0-9]+% +([0-9]+m)?[0-9]+s .* False .*"));
        assertThat(lines).anyMatch(line -> line.matches("quickstart +detect-0 .* False .*"));
        assertThat(lines.get(lines.size() - 1))
                .matches("quickstart +Succeeded +7/7 +[0-9.]+ +[0-9.±]+ +[0-9.±]+ +[0-9.±]+ +True +.*");
    }

    private static void readsLikeAReport(String described) {
        assertThat(described)
                .containsSubsequence(
                        "Status:",
                        "Conditions:",
                        "Report:",
                        "Results:",
                        "Stages:",
                        "Start Time:",
                        "Summary:",
                        "Events:")
                .containsSubsequence("Reason:", "Succeeded", "Status:", "True", "Type:", "Ready")
                .contains("Report Uri:", "StageStarted", "StageSucceeded")
                .doesNotContain("Message:               \n", "Scheduling:");
        beatsTheUntrainedEncoder(described);
        // Empty fields of a status are left out.
        assertThat(described.substring(described.indexOf("Status:\n")).lines())
                .noneMatch(line -> line.matches(" +(Message|Ap|ap50|ap75|top1|Eta|Loss|Reason|Paper): *"));
    }

    /** The best epoch and its gain depend on the processor's arithmetic; that training helps does not. */
    private static void beatsTheUntrainedEncoder(String described) {
        Matcher linear = LINEAR.matcher(described);
        assertThat(linear.find()).as(described).isTrue();
        assertThat(Integer.parseInt(linear.group("epoch"))).isBetween(1, 10);
        assertThat(Double.parseDouble(linear.group("gain"))).isGreaterThan(2);
        Matcher detection = AP50.matcher(described);
        assertThat(detection.find()).as(described).isTrue();
        assertThat(Double.parseDouble(detection.group("ap50"))).isGreaterThan(30);
    }

    private static void theCommandsSayTheSame(DeployedCluster deployed) throws Exception {
        ProcessOutput status = deployed.moco("status", NAME);
        assertThat(status.exitCode()).as(status.error()).isZero();
        assertThat(status.out()).startsWith("quickstart in default: succeeded").contains("detect-1 ");
        ProcessOutput logs = deployed.moco("logs", NAME, "pretrain");
        assertThat(logs.exitCode()).as(logs.error()).isZero();
        assertThat(logs.out()).contains("phase=training", "committed, digest=");
        ProcessOutput report = deployed.moco("report", NAME);
        assertThat(report.exitCode()).as(report.error()).isZero();
        System.err.println(status.out() + logs.out() + report.out());
    }
}
