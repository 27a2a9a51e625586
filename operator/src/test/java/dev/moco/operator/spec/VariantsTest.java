package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Optimizer;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Variants of experiments: by values of fields, by the sizes of another one, and the fields in which they differ. */
class VariantsTest {
    private static final Path PIPELINES = Path.of("..", "pipelines");
    private static final Path QUICKSTART = PIPELINES.resolve("quickstart/experiment.yaml");

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "temperature=0.1,0.2 | x-temperature-0-1 x-temperature-0-2",
                "pretrain.temperature=0.1 | x-temperature-0-1",
                "queueSize=64,128;temperature=0.1,0.2 | x-queue-size-64-temperature-0-1 x-queue-size-64-temperature-0-2"
                        + " x-queue-size-128-temperature-0-1 x-queue-size-128-temperature-0-2",
                "pretrain.epochs=1;linear.epochs=2 | x-pretrain-epochs-1-linear-epochs-2",
                "linear.milestones=[6, 8],[60,80] | x-milestones-6-8 x-milestones-60-80",
                "method=MoCo,SimCLR | x-method-moco x-method-simclr",
                "spec.linear.enabled=false | x-enabled-false",
                "data.imagenet=a,\"b,c\" | x-imagenet-a x-imagenet-b-c"
            })
    void everyCombinationHasANameOfItsOwn(String settings, String names) {
        assertThat(variants("x", settings))
                .extracting(tree -> tree.at("/metadata/name").asText())
                .containsExactly(names.split(" "));
    }

    @Test
    void aVariantHasItsValuesAndAllElse() {
        JsonNode tree =
                variants("x", "temperature=0.1,0.2;linear.enabled=false").get(1);
        assertThat(tree.at("/spec/pretrain/temperature").doubleValue()).isEqualTo(0.2);
        assertThat(tree.at("/spec/pretrain/epochs").intValue()).isEqualTo(20);
        assertThat(tree.at("/spec/linear/enabled").booleanValue()).isFalse();
        assertThat(variants("x", "")).containsExactly(tree("x"));
    }

    @Test
    void namesThatWouldBeEqualOrTooLongHaveAHash() {
        assertThat(variants("x", "data.imagenet=a/b,a-b"))
                .extracting(tree -> tree.at("/metadata/name").asText())
                .satisfies(names -> {
                    assertThat(names).doesNotHaveDuplicates();
                    assertThat(names.get(1)).matches("x-imagenet-a-b-[0-9a-f]{8}");
                });
        String longName = "y".repeat(60);
        assertThat(variants(longName, "temperature=0.1,0.2"))
                .extracting(tree -> tree.at("/metadata/name").asText())
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("y{54}-[0-9a-f]{8}"))
                .isEqualTo(variants(longName, "temperature=0.1,0.2").stream()
                        .map(tree -> tree.at("/metadata/name").asText())
                        .toList());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "temperature | --set must be FIELD=VALUE,… such as pretrain.temperature=0.1,0.2, found \"temperature\"",
                "temprature=1 | temprature is not a field of MoCoExperiment; nearest is spec.pretrain",
                "pretrain.temprature=1 | nearest is \"temperature\"",
                "epochs=1 | --set epochs=1 names several fields, choose one: spec.linear.epochs, spec.pretrain.epochs",
                "metadata=a | --set must name a field of spec, found metadata",
                "temperature=0.1,0.1 | must name each value once, found twice 0.1",
                "temperature=0.1, | must have a value after = and after each comma",
                "temperature=[ | is not YAML",
                "temperature=0.1;pretrain.temperature=0.2 | --set must name each field once"
            })
    void whatCannotBeSetIsRefused(String settings, String message) {
        assertThatThrownBy(() -> variants("x", settings))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining(message)
                .extracting(failure -> ((StageFailure) failure).exitCode())
                .isEqualTo(ExitCode.BAD_CONFIG);
    }

    @Test
    void tooManyAreRefused() {
        String values = String.join(
                ",",
                Stream.iterate(1, i -> i + 1).limit(40).map(String::valueOf).toList());
        assertThatThrownBy(() -> variants("x", "pretrain.epochs=" + values + ";pretrain.seed=" + values))
                .hasMessage("--set must make at most 1000 experiments of one");
    }

    @Test
    void theProblemsOfEveryVariantAreReported() throws IOException {
        Path file = Files.writeString(folder.resolve("x.yaml"), new YAMLMapper().writeValueAsString(tree("x")));
        assertThatThrownBy(() ->
                        ExperimentFiles.variants(List.of(file), Setting.read(List.of("temperature=hot,0.2,-1")), null))
                .isInstanceOf(StageFailure.class)
                .hasMessageStartingWith("2 experiments have problems:")
                .hasMessageContainingAll("Experiment x-temperature-hot in", "found \"hot\"", "found -1");
    }

    @Test
    void theTemperaturesOfThePaperHaveTheSizesOfTheQuickstart() throws IOException {
        List<Experiment> experiments =
                ExperimentFiles.variants(List.of(PIPELINES.resolve("temperature")), List.of(), QUICKSTART).stream()
                        .map(ExperimentFiles.Source::experiment)
                        .toList();
        Experiment quickstart = ExperimentFile.read(QUICKSTART);
        assertThat(experiments).hasSize(12).allSatisfy(experiment -> {
            assertThat(experiment.data().imagenet()).isEqualTo(quickstart.data().imagenet());
            assertThat(experiment.detection()).isEmpty();
            assertThat(experiment.linear()).isEqualTo(quickstart.linear());
            PretrainConfig pretrain = experiment.pretrain().orElseThrow();
            assertThat(pretrain.epochs()).isEqualTo(20);
            assertThat(pretrain.optimizer().schedule()).isEqualTo(Optimizer.Schedule.STEP);
            assertThat(pretrain.optimizer().milestones())
                    .as("120 and 160 of 200 epochs")
                    .containsExactly(12, 16);
            assertThat(pretrain.architecture())
                    .isEqualTo(quickstart.pretrain().orElseThrow().architecture());
        });
        assertThat(experiments)
                .extracting(experiment ->
                        experiment.pretrain().orElseThrow().contrast().temperature())
                .containsExactlyInAnyOrder(0.07, 0.1, 0.2, 0.3, 0.4, 0.5, 0.07, 0.1, 0.2, 0.3, 0.4, 0.5);
    }

    @Test
    void fieldsInWhichExperimentsDifferAreThoseThatOneStates() throws IOException {
        List<JsonNode> temperatures =
                ExperimentFiles.variants(List.of(PIPELINES.resolve("temperature")), List.of(), null).stream()
                        .map(ExperimentFiles.Source::tree)
                        .toList();
        VariedFields fields = VariedFields.of(temperatures);
        assertThat(fields.paths()).containsExactly("pretrain.temperature", "pretrain.mlp");
        assertThat(fields.values()).contains(List.of("0.07", "true"), List.of("0.5", "false"));
        assertThat(VariedFields.of(variants("x", "temperature=0.1,0.2;queueSize=64"))
                        .paths())
                .containsExactly("pretrain.temperature");
        assertThat(VariedFields.of(List.of(tree("x"), tree("y"))).paths()).isEmpty();
    }

    private static List<JsonNode> variants(String name, String settings) {
        return Variants.of(tree(name), Setting.read(settings.isEmpty() ? List.of() : List.of(settings.split(";", -1))));
    }

    private static JsonNode tree(String name) {
        try {
            return new YAMLMapper().readTree("""
                    apiVersion: moco.dev/v1alpha1
                    kind: MoCoExperiment
                    metadata: {name: %s}
                    spec:
                      data: {imagenet: raw}
                      pretrain: {epochs: 20}
                      detection: {enabled: false}
                    """.formatted(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
