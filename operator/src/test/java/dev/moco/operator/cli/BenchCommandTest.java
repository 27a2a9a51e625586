package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {
    @ParameterizedTest(name = "bench {0}: embeds a store = {1}")
    @CsvSource({
        "step,                      false",
        "store,                     true",
        "-o json store --mib 8,     true",
        "store --store s3://b/p,    false",
        "store --store=s3://b/p,    false",
        "store --help,              false"
    })
    void withoutAStoreOptionTheStoreIsEmbedded(String arguments, boolean embedded) {
        assertThat(BenchCommand.embedsStore(List.of(arguments.split(" ")))).isEqualTo(embedded);
    }
}
