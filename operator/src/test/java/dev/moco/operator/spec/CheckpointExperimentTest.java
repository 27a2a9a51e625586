package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Experiment;
import dev.moco.contract.Experiment.Detection;
import dev.moco.contract.Experiment.Linear;
import dev.moco.contract.Stage;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointExperimentTest {
    private static final String CHECKPOINT = "s3://mine/v1/stages/pretrain/k/checkpoints/000000000100";

    @TempDir
    Path folder;

    @Test
    void itsStagesAreThoseOfTheOtherToTheSeed() throws IOException {
        Source other = read("""
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: x, namespace: lab, labels: {moco.dev/row: d}}
                spec:
                  data: {imagenet: s3://raw/imagenet, voc: s3://raw/voc}
                  pretrain: {arch: resnet18, imageSize: 64, seed: 9}
                  linear: {baseline: true}
                  detection: {seed: 4, trials: 2}
                  storage: {bucket: mine}
                """);
        Experiment made = CheckpointExperiment.of(other, CHECKPOINT, 50, EnumSet.of(Stage.LINEAR, Stage.DETECT))
                .experiment();
        Experiment from = other.experiment();
        assertThat(made.name()).isEqualTo("x-epoch-50");
        assertThat(made.labels()).isEmpty();
        assertThat(made.pretrain()).isEmpty();
        assertThat(made.weights()).hasValueSatisfying(weights -> {
            assertThat(weights.file()).isEqualTo(CHECKPOINT);
            assertThat(weights.config().architecture().id()).isEqualTo("resnet18");
        });
        assertThat(made.linear().map(Linear::config)).isEqualTo(from.linear().map(Linear::config));
        assertThat(made.linear().map(Linear::baseline)).contains(false);
        assertThat(made.detection()).isEqualTo(from.detection());
        assertThat(made.data()).isEqualTo(from.data());
        assertThat(made.store()).isEqualTo(from.store());

        Experiment linear = CheckpointExperiment.of(other, CHECKPOINT, 50, Set.of(Stage.LINEAR))
                .experiment();
        assertThat(linear.linear()).isPresent();
        assertThat(linear.detection().map(Detection::trials)).isEmpty();
    }

    @Test
    void someOfTheStagesHaveANameOfTheirOwn() throws IOException {
        Source other = read("""
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: x}
                spec: {data: {imagenet: s3://raw/imagenet, voc: s3://raw/voc}}
                """);
        assertThat(name(other, Stage.LINEAR, Stage.DETECT)).isEqualTo("x-epoch-5");
        assertThat(name(other, Stage.LINEAR)).isEqualTo("x-epoch-5-linear");
        assertThat(name(other, Stage.DETECT)).isEqualTo("x-epoch-5-detect");
        assertThat(name(other, Stage.KNN)).isEqualTo("x-epoch-5-knn");
        assertThat(name(other, Stage.LINEAR, Stage.DETECT, Stage.KNN)).isEqualTo("x-epoch-5-linear-detect-knn");
    }

    @Test
    void longNamesThatDifferAtTheirEndsStayDifferent() throws IOException {
        String long60 = "a".repeat(60);
        assertThat(name(read(classified(long60 + "-01")), Stage.LINEAR))
                .hasSizeLessThanOrEqualTo(63)
                .isNotEqualTo(name(read(classified(long60 + "-02")), Stage.LINEAR));
    }

    private static String name(Source other, Stage... stages) {
        return CheckpointExperiment.of(other, CHECKPOINT, 5, Set.of(stages))
                .experiment()
                .name();
    }

    private static String classified(String name) {
        return """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: %s}
                spec: {data: {imagenet: s3://raw/imagenet}, detection: {enabled: false}}
                """.formatted(name);
    }

    @Test
    void aNameStaysLegal() throws IOException {
        Source other = read(classified("a".repeat(63)));
        assertThat(name(other, Stage.LINEAR)).hasSize(63).matches("a+-[0-9a-f]{8}-epoch-5");
        assertThat(other.experiment().labels()).isEqualTo(Map.of());
    }

    private Source read(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("x.yaml"), text);
        return ExperimentFiles.read(List.of(file)).get(0);
    }
}
