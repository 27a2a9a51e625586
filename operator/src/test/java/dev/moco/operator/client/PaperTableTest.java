package dev.moco.operator.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PaperTableTest {
    @Test
    void eachExperimentIsARowWithItsMetricsAndThePapers() {
        assertThat(PaperTable.of(List.of(
                        TestResources.succeeded(),
                        TestResources.running(),
                        TestResources.view("metadata: {name: newer}\nspec: {unheard: of}"))))
                .isEqualTo("""
                        | experiment | row | MLP | aug+ | cos | T | epochs | batch | top-1 | AP50 | AP | AP75 |
                        |---|---|---|---|---|---|---|---|---|---|---|---|
                        | newer |  | ? | ? | ? | ? | ? | ? | … | … | … | … |
                        | table1-d | (d) | ✓ | ✓ | ✓ | 0.2 | 200 | 256 | … | … | … | … |
                        | table1-e | (d) | ✓ | ✓ | ✓ | 0.2 | 200 | 256 | 67.4 (67.5, -0.1) | 82.5±0.1 (82.4, +0.1) |  |  |
                        """);
    }
}
