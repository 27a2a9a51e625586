package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecReaderTest {
    public record TwoOrMore(@Size(min = 2, max = 9) List<@Min(1) @Max(9) Integer> sizes) {}

    public record RequiredNumber(@Required @Min(1) @Max(9) Integer count) {}

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {"sizes: []  | none", "sizes: [5] | 1"})
    void aShortListIsRefusedWithItsLeastLength(String given, String found) throws JsonProcessingException {
        Problems problems = new Problems();
        new SpecReader(problems).read(TwoOrMore.class, "spec", new YAMLMapper().readTree(given));
        assertThat(problems.text()).isEqualTo("1 problem:\n  spec.sizes must have at least 2, found " + found);
    }

    /** A missing one is replaced by an empty text in the remaining checks. */
    @Test
    void aRequiredFieldIsATextOrAnObject() {
        assertThatIllegalStateException()
                .isThrownBy(() -> SpecField.of(RequiredNumber.class))
                .withMessage("count is required, but neither a text nor an object");
    }
}
