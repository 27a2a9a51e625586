package dev.moco.operator.init;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Experiment;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.Task;
import dev.moco.operator.init.InitExperiment.Contents;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitExperimentTest {
    @TempDir
    Path folder;

    private Experiment read(String yaml) throws IOException {
        return ExperimentFile.read(Files.writeString(folder.resolve("x.yaml"), yaml));
    }

    private static List<String> tasks(Experiment experiment) {
        return experiment.tasks().stream().map(Task::name).toList();
    }

    private static FolderShape shape(int classes, long train, Optional<FolderShape.Boxes> boxes) {
        return new FolderShape("", classes, train, classes == 0 ? 0 : 50, List.of("A remark."), boxes);
    }

    @Test
    void withoutClassesOnlyPreTrainingRuns() throws IOException {
        String yaml = InitExperiment.yaml(
                "photos", "../my photos", shape(0, 3000, Optional.empty()), new Contents(300, 0, List.of()), 200);

        Experiment experiment = read(yaml);
        assertThat(tasks(experiment)).containsExactly("prepare-imagenet", "pretrain");
        assertThat(experiment.data().unlabeled()).isTrue();
        assertThat(experiment.data().imagenet())
                .isEqualTo(folder.resolve("../my photos").normalize().toString());
        assertThat(experiment.knn().enabled()).isFalse();
        assertThat(yaml).contains("# A remark.\n");
    }

    @Test
    void classesAreEvaluated() throws IOException {
        Experiment experiment = read(InitExperiment.yaml(
                "pets", ".", shape(2, 3000, Optional.empty()), new Contents(32, 0, List.of()), 200));

        assertThat(tasks(experiment)).containsExactly("prepare-imagenet", "pretrain", "linear", "linear-baseline");
        assertThat(experiment.data().unlabeled()).isFalse();
        assertThat(experiment.knn().enabled()).isTrue();
    }

    @Test
    void boxesAreDetected() throws IOException {
        FolderShape.Boxes boxes = new FolderShape.Boxes("voc", List.of(2007));
        Experiment experiment = read(InitExperiment.yaml(
                "parts",
                "all",
                shape(0, 300, Optional.of(boxes)),
                new Contents(500, 120, List.of("gear", "nut: 4")),
                200));

        assertThat(tasks(experiment)).contains("prepare-voc", "detect-0");
        assertThat(experiment.data().vocClasses()).containsExactly("gear", "nut: 4");
        assertThat(experiment.data().voc()).isEqualTo(folder.resolve("all/voc").toString());
    }

    /** Every line that sets something has a comment. */
    @Test
    void everyLineHasAComment() {
        String yaml = InitExperiment.yaml(
                "pets",
                ".",
                shape(2, 3000, Optional.of(new FolderShape.Boxes("voc", List.of(2007)))),
                new Contents(32, 9, List.of()),
                200);
        assertThat(yaml.lines().filter(line -> line.matches(" +[a-z][A-Za-z]+: \\S.*")))
                .hasSizeGreaterThan(20)
                .allMatch(line -> line.contains(" # "))
                .allMatch(line -> line.length() <= 130);
    }

    @ParameterizedTest(name = "{0} images of {1} pixels")
    @CsvSource({
        "16,       30, resnet18, 32,  4,   1, 8,     0.99",
        "100,      64, resnet18, 64,  8,   1, 32,    0.99",
        "3000,    128, resnet18, 96,  256, 8, 1024,  0.99",
        "50000,    32, resnet18, 32,  256, 8, 16384, 0.99",
        "64000,   400, resnet18, 224, 256, 8, 16384, 0.999",
        "1281167, 400, resnet50, 224, 256, 8, 65536, 0.999"
    })
    void sizesFit(
            long images, int side, String arch, int imageSize, int batch, int ranks, int queue, double keyMomentum)
            throws IOException {
        PretrainConfig config = read(InitExperiment.yaml(
                        "x", "y", shape(10, images, Optional.empty()), new Contents(side, 0, List.of()), 200))
                .pretrain()
                .orElseThrow();

        assertThat(config.architecture().id()).isEqualTo(arch);
        assertThat(List.of(
                        config.imageSize(),
                        config.batchSize(),
                        config.ranks(),
                        config.contrast().queueSize()))
                .containsExactly(imageSize, batch, ranks, queue);
        assertThat(config.contrast().keyMomentum()).isEqualTo(keyMomentum);
        assertThat(config.contrast().queueSize()).isLessThan((int) images);
    }
}
