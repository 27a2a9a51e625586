package dev.moco.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "dog            | dog",
                "-0.4           | -0.4",
                "+1.5E-7        | +1.5E-7",
                "=1+1           | '=1+1",
                "@SUM(A1)       | '@SUM(A1)",
                "-2+cmd         | '-2+cmd",
                "+1-1           | '+1-1",
                "a,b            | \"a,b\"",
                "say \"x\"       | \"say \"\"x\"\"\"",
                "=a,\"b\"        | \"'=a,\"\"b\"\"\""
            })
    void textsAreQuotedAndNoneIsAFormula(String cell, String written) {
        assertThat(Csv.line(List.of("first", cell))).isEqualTo("first," + written + "\n");
    }
}
