package dev.moco.operator.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaperTableTest {
    @Test
    void eachExperimentIsARowWithItsMetricsAndThePapers() {
        assertThat(PaperTable.of(List.of(
                        TestResources.succeeded(),
                        TestResources.running(),
                        TestResources.view("metadata: {name: newer}\nspec: {unheard: of}"))))
                .isEqualTo("""
                        | experiment | row | method | MLP | aug+ | cos | T | epochs | batch | untrained | top-1 | AP50 | AP | AP75 |
                        |---|---|---|---|---|---|---|---|---|---|---|---|---|---|
                        | newer |  | ? | ? | ? | ? | ? | ? | ? |  | … | … | … | … |
                        | table1-d | (d) | MoCo | ✓ | ✓ | ✓ | 0.2 | 200 | 256 |  | … | … | … | … |
                        | table1-e | (d) | MoCo | ✓ | ✓ | ✓ | 0.2 | 200 | 256 | 12.1 | 67.4 (67.5, -0.1) | 82.5±0.1 (82.4, +0.1) |  |  |
                        """);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "MoCo, schedule: Step; | ✓ | ✓ |  | 0.2 | 200 | 256 |",
                "EndToEnd, mlp: false; |  | ✓ | ✓ | 0.2 | 200 | 256 |",
                "SimCLR; | ✓ | ✓ | ✓ | 0.1 | 200 | 256 |",
                "Supervised; |  |  |  |  | 90 | 256 |"
            })
    void aRowHasWhatItsMethodHas(String method, String cells) {
        assertThat(PaperTable.of(List.of(TestResources.view("""
                        apiVersion: moco.dev/v1alpha1
                        kind: MoCoExperiment
                        metadata: {name: x}
                        spec: {data: {imagenet: a, voc: b}, pretrain: {method: %s}}
                        """.formatted(method)))))
                .contains(" | " + method.replaceAll(",.*", "") + " " + cells);
    }
}
