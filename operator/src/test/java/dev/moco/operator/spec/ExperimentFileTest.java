package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExperimentFileTest {
    @TempDir
    Path folder;

    private JsonNode tree(String yaml) throws IOException {
        return ExperimentFile.tree(Files.writeString(folder.resolve("x.yaml"), yaml));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a: &n run-a; b: *n | {\"a\":\"run-a\",\"b\":\"run-a\"}",
                "a: {name: &n run-a}; b: {prefix: *n} | {\"a\":{\"name\":\"run-a\"},\"b\":{\"prefix\":\"run-a\"}}",
                "a: &n 3; b: *n | {\"a\":3,\"b\":3}",
                "a: &n 0.2; b: [*n, *n] | {\"a\":0.2,\"b\":[0.2,0.2]}",
                "a: &n true; b: *n | {\"a\":true,\"b\":true}",
                "a: &n {x: 1}; b: *n | {\"a\":{\"x\":1},\"b\":{\"x\":1}}",
                "a: &n [1, 2]; b: *n | {\"a\":[1,2],\"b\":[1,2]}",
                "a: &n 1; b: &n 2; c: *n | {\"a\":1,\"b\":2,\"c\":2}",
                "a: &n {x: 1, y: 2}; b: {<<: *n, y: 3} | {\"a\":{\"x\":1,\"y\":2},\"b\":{\"y\":3,\"x\":1}}",
            })
    void aliasesHaveTheValueOfTheirAnchor(String yaml, String json) throws IOException {
        assertThat(tree(yaml.replace("; ", "\n").strip()).toString()).isEqualTo(json);
    }

    @Test
    void anAliasWithoutAnAnchorIsNamed() {
        assertThatThrownBy(() -> tree("a: *n"))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining("alias *n has no anchor before it at line 1");
    }

    @Test
    void aliasesOfAliasesAreBounded() {
        StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            yaml.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(9) + "x"));
        }
        assertThatThrownBy(() -> tree(yaml.toString())).hasMessageContaining("more than 100000 values");
    }

    /** Files without aliases are read as by Jackson. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "a: 1",
                "a: 0200",
                "a: 0x1f",
                "a: 1_000",
                "a: 1e-4",
                "a: .5",
                "a: yes",
                "a: null",
                "a: ~",
                "a:",
                "a: '1'",
                "a: 123456789012",
                "a: 123456789012345678901234567890",
                "a: [1, [2, {b: c}]]",
                "{}",
                "a: |\n  x\n  y",
                "a: !!str 1"
            })
    void otherFilesAreReadAsJacksonReadsThem(String yaml) throws IOException {
        assertThat(tree(yaml)).isEqualTo(new YAMLMapper().readTree(yaml));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
    void aMarkSaysTheEncoding(String charset) throws IOException {
        byte[] bytes = "\ufeffa: ü\r\n".getBytes(Charset.forName(charset));
        assertThat(ExperimentFile.tree(Files.write(folder.resolve("x.yaml"), bytes))
                        .toString())
                .isEqualTo("{\"a\":\"ü\"}");
    }

    @Test
    void anotherEncodingIsNamedWithThePlace() throws IOException {
        Path file = Files.write(folder.resolve("x.yaml"), "a: 1\n# für\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ExperimentFile.tree(file))
                .hasMessage(file + " is not UTF-8: byte fc at line 2, column 4; save it as UTF-8");
    }
}
