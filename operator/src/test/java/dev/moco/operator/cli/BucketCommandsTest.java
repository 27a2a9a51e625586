package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.artifacts.StageObjects;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Task;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import software.amazon.awssdk.core.SdkSystemSetting;

/** The commands about experiments of a cluster, on a bucket in which machines run experiments. */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class BucketCommandsTest {
    @RegisterExtension
    final CapturedConsole console = new CapturedConsole();

    @TempDir
    Path folder;

    private EmbeddedS3 server;
    private ArtifactStore store;

    @BeforeEach
    void begin() throws IOException {
        server = EmbeddedS3.start(folder.resolve("s3"));
        server.environment().forEach((name, value) -> System.setProperty(property(name), value));
        store = new ArtifactStore(S3ObjectStore.open(server.location(), server.credentials()));
        Files.createDirectories(folder.resolve("raw/train/a"));
        Files.writeString(folder.resolve("raw/train/a/1.JPEG"), "x");
    }

    @AfterEach
    void release() throws IOException {
        server.environment().keySet().forEach(name -> System.clearProperty(property(name)));
        store.objects().close();
        server.close();
    }

    private static String property(String variable) {
        return variable.equals(SdkSystemSetting.AWS_ACCESS_KEY_ID.environmentVariable())
                ? SdkSystemSetting.AWS_ACCESS_KEY_ID.property()
                : SdkSystemSetting.AWS_SECRET_ACCESS_KEY.property();
    }

    @Test
    void aBucketKnowsTheExperimentsThatRanWithIt() throws IOException {
        ran("a", "epochs: 100", 67.4);
        assertThat(moco("list")).as(console.errors()).isEqualTo(ExitCode.DONE);
        assertThat(console.output().lines()).hasSize(2).last().asString().matches("a +Succeeded +3/3 +67.4 .*True.*");
        assertThat(moco("where", "a", "linear")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("s3://moco/v1/stages/linear/");
        assertThat(moco("report", "a", "-o", "md")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).startsWith("# a\n");
        assertThat(moco("table")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("| a |");
        assertThat(moco("du")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("3 stages in s3://moco/");
        assertThat(moco("logs", "a", "linear")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains("it did not run on this machine");
    }

    @Test
    void inABucketWhatWasChangedLatelyIsKept() throws IOException {
        ran("a", "epochs: 100", 67.4);
        ran("a", "epochs: 50", 60);
        assertThat(moco("gc")).isEqualTo(ExitCode.DONE);
        assertThat(console.output())
                .isEqualTo(
                        "Needed by a.\nNothing to delete in " + store.objects().place() + ".\n");
        assertThat(moco("gc", "--delete")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("Deleted 0 B of 0 stages");
        assertThat(StageObjects.list(store.objects()).stages()).hasSize(5);
        assertThat(moco("gc", "--older-than", "soon")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .startsWith("moco: --older-than must be a number with s, m, h or d, found \"soon\"");
    }

    @Test
    void whatAnotherClusterWritesKeepsEverything() throws IOException {
        ran("a", "epochs: 100", 67.4);
        String unknown = "v1/stages/pretrain/" + "ab".repeat(32) + "/";
        store.objects().put(unknown + "progress.json", new byte[] {1});
        assertThat(moco("gc")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("Nothing to delete");
        assertThat(moco("gc", "--delete")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .startsWith("moco: nothing is deleted in " + store.objects().place()
                        + ": another machine or cluster may write " + unknown + ", which no experiment here needs");
    }

    private void ran(String name, String pretrain, double top1) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".yaml"), """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: %s}
                spec:
                  data: {imagenet: raw}
                  detection: {enabled: false}
                  linear: {baseline: false}
                  pretrain: {%s}
                  storage: {bucket: moco, endpoint: "%s", region: us-east-1}
                """.formatted(
                        name, pretrain, server.location().endpoint()));
        CommittedResults.commit(store, ExperimentFile.read(file), top1, Commits.prepared(Task.PREPARE_IMAGENET));
        console.out.reset();
        assertThat(Main.execute("run", file.toString(), "--store", "s3://moco", "--work", folder + "/one"))
                .as(console.errors())
                .isEqualTo(ExitCode.DONE);
    }

    /** Runs a command about the bucket, on another machine than the runs; the outputs are those of the last. */
    private int moco(String... arguments) {
        console.out.reset();
        console.error.reset();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--store",
                "s3://moco",
                "--endpoint",
                String.valueOf(server.location().endpoint()),
                "--work",
                folder + "/two"));
        return Main.execute(all.toArray(String[]::new));
    }
}
