package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.operator.spec.FieldSchema;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ResourceLock(Resources.SYSTEM_OUT)
class ExplainCommandTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "spec.pretrain.temperature, spec.pretrain.temperature",
        "pretrain.temperature, spec.pretrain.temperature",
        "MoCoExperiment.spec.pretrain.temperature, spec.pretrain.temperature",
        "mocoexperiments.status.summary, status.summary",
        "keyMomentum, spec.pretrain.keyMomentum",
        "pretrain, spec.pretrain"
    })
    void aFieldIsFoundByItsPathOrItsName(String text, String path) {
        assertThat(FieldSchema.ofResource().find(text))
                .extracting(FieldSchema::path)
                .containsExactly(path);
    }

    @Test
    void aNameOfSeveralFieldsIsAllOfThem() {
        assertThat(FieldSchema.ofResource().find("epochs"))
                .extracting(FieldSchema::path)
                .containsExactlyInAnyOrder("spec.pretrain.epochs", "spec.linear.epochs");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "pretrain.epoch | spec.pretrain.epoch is not a field; nearest is \"epochs\", known are: ",
                "temprature | temprature is not a field of MoCoExperiment; nearest is spec.pretrain",
                "pretrain.epochs.x | spec.pretrain.epochs.x is not a field; nothing is below it"
            })
    void aMisspelledFieldIsAnsweredWithTheNearest(String text, String message) {
        assertThatThrownBy(() -> FieldSchema.ofResource().find(text)).hasMessageStartingWith(message);
    }

    @Test
    void theAnswerHasTypeBoundsDefaultAndChoices() {
        String temperature = explain("pretrain.temperature");
        assertThat(temperature).startsWith("spec.pretrain.temperature <number>\n    Temperature of the contrastive");
        assertThat(temperature.replaceAll("\\s+", " "))
                .contains("Above 0, up to 100.", "Defaults to 0.2 with MoCo and EndToEnd, 0.1 with SimCLR.");
        assertThat(explain("pretrain.method")).contains("    One of: EndToEnd, MoCo, SimCLR, Supervised.\n");
        assertThat(explain("pretrain")).contains("\n\n  queueSize <integer>\n      Negative keys in the queue");
        assertThat(explain()).startsWith("spec <object>\n").contains("\n  detection <object>\n");
        assertThat(explain().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    /** No field that a user may set is without a description. */
    @Test
    void everyFieldOfTheSpecIsExplained() {
        List<FieldSchema> left = new ArrayList<>(FieldSchema.ofResource().find("spec"));
        int seen = 0;
        while (!left.isEmpty()) {
            FieldSchema field = left.remove(0);
            left.addAll(field.fields().values());
            assertThat(field.path().equals("spec") || !field.description().isEmpty())
                    .as(field.path())
                    .isTrue();
            seen++;
        }
        assertThat(seen).isGreaterThan(100);
    }

    private static String explain(String... field) {
        PrintStream console = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            List<String> arguments = new ArrayList<>(List.of("explain"));
            arguments.addAll(List.of(field));
            assertThat(Main.execute(arguments.toArray(String[]::new))).isEqualTo(ExitCode.DONE);
        } finally {
            System.setOut(console);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
