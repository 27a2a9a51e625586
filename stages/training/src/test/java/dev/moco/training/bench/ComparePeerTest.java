package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code peers/compare} writes the rates of both sides to one table. */
@Tag("peer")
class ComparePeerTest {
    private static final Path PEERS = Path.of("peers").toAbsolutePath();

    @TempDir
    Path folder;

    @Test
    void bothSidesAreMeasured() throws IOException, InterruptedException {
        Path images = folder.resolve("images");
        assertThat(python(List.of(program("make_jpegs.py"), images.toString(), "--images", "4")))
                .isZero();
        int code = compare(bench(), "step,input,detect-infer", "--images-dir", images.toString());
        assertThat(code).as(printed()).isZero();

        JsonNode rows = rows();
        assertThat(rows).hasSize(3);
        for (JsonNode row : rows) {
            assertThat(row.path("ratio").doubleValue()).isPositive();
            assertThat(row.path("memoryRatio").doubleValue()).isPositive();
            assertThat(printed()).contains("| " + row.path("row").textValue() + " | ");
        }
    }

    @Test
    void aSideThatFailsIsReportedInItsRow() throws IOException, InterruptedException {
        Path refusing = script("echo 'moco: no such bench' >&2; echo 'Usage: ...' >&2; exit 78");
        int code = compare(refusing, "store,step");
        assertThat(code).as(printed()).isEqualTo(1);
        assertThat(printed()).contains("| failed: ours: no such bench (exit code 78) |");
        assertThat(rows().get(1).path("theirs").doubleValue()).isPositive();
    }

    private int compare(Path moco, String rows, String... more) throws IOException, InterruptedException {
        List<String> arguments =
                new ArrayList<>(List.of(program("compare"), "--quick", "--threads", "1", "--python", interpreter()));
        arguments.addAll(List.of("--moco", moco.toString(), "--rows", rows, "--json", json().toString()));
        arguments.addAll(List.of(more));
        return python(arguments);
    }

    private int python(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(interpreter()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("printed").toFile());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        return builder.start().waitFor();
    }

    private static String program(String name) {
        return PEERS.resolve(name).toString();
    }

    private static String interpreter() {
        return System.getProperty("moco.python", "python3");
    }

    /** Script in place of {@code moco bench} that runs the classes under test. */
    private Path bench() throws IOException {
        return script("shift; exec '" + Path.of(System.getProperty("java.home"), "bin", "java") + "' -cp '"
                + System.getProperty("java.class.path") + "' " + BenchMain.class.getName() + " \"$@\"");
    }

    private Path script(String line) throws IOException {
        Path script = Files.writeString(folder.resolve("moco"), "#!/bin/sh\n" + line + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return script;
    }

    private Path json() {
        return folder.resolve("answers.json");
    }

    private JsonNode rows() throws IOException {
        return new JsonMapper().readTree(json().toFile()).path("rows");
    }

    private String printed() throws IOException {
        return Files.readString(folder.resolve("printed"));
    }
}
