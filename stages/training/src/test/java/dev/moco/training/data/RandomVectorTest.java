package dev.moco.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RandomVectorTest {
    @Test
    void everySeedGivesTheReferencesSequence() {
        Pattern name = Pattern.compile("seed(-?\\d+)_first\\d+");
        int sequences = 0;
        for (Map.Entry<String, JsonNode> field : Vectors.read("00_rng.json").properties()) {
            Matcher seed = name.matcher(field.getKey());
            if (seed.matches()) {
                sequences++;
                for (int i = 0; i < field.getValue().size(); i++) {
                    assertThat(CounterRandom.uniform24(Long.parseLong(seed.group(1)), i))
                            .as("%s[%d]", field.getKey(), i)
                            .isEqualTo(field.getValue().get(i).doubleValue());
                }
            }
        }
        assertThat(sequences).isPositive();
    }
}
