package dev.moco.training.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules that keep TorchScript files readable as Python; every file of this module's programs and tests is checked. */
class TorchScriptRulesTest {
    private static final List<Path> FOLDERS =
            List.of(Path.of("src/main/resources/dev/moco"), Path.of("src/test/resources/dev/moco"));

    private static final int LINE_LENGTH = 120;
    private static final int PARAMETERS = 8;

    /** Old names of functions and parameters. */
    private static final Pattern OLD_NAME = Pattern.compile("(?:\\w+_)?slopes"
            + "|keep|take|last|moments|normalized|figures|spread|spare|spared|unit|follow|descend|judge|judged|proposed"
            + "|moves|shifts|turn|finish");

    private static final Pattern FUNCTION = Pattern.compile("^\\s*def (\\w+)\\(([^)]*)\\)", Pattern.MULTILINE);
    private static final Pattern PARAMETER = Pattern.compile("(\\w+):");
    private static final Pattern IMPORT =
            Pattern.compile("^from (dev\\.moco\\.\\S+) import (\\([^)]*\\)|[^\\n]*)$", Pattern.MULTILINE);

    /** Lines at column 0 begin an import, a constant, a type, a function, a comment, a docstring, or end a signature. */
    private static final Pattern AT_COLUMN_0 = Pattern.compile(
            "(?:from |import |[A-Z][A-Z0-9_]* = |class \\w+\\(NamedTuple\\):|def \\w+\\(|# |\"\"\"|\\)).*");

    static List<Path> files() throws IOException {
        return FOLDERS.stream()
                .flatMap(TorchScriptRulesTest::pythonFiles)
                .sorted()
                .toList();
    }

    private static Stream<Path> pythonFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".py")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void thereAreFiles() throws IOException {
        assertThat(files()).hasSizeGreaterThan(15).anyMatch(file -> file.endsWith("pretrain/moco.py"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void declarationsBeginAtColumn0AndLinesAreShort(Path file) throws IOException {
        boolean docstring = false;
        for (String line : Files.readAllLines(file)) {
            assertThat(line.length()).as(line).isLessThanOrEqualTo(LINE_LENGTH);
            assertThat(line).doesNotContain("\t").doesNotEndWith(" ");
            boolean code = !docstring && !line.isEmpty() && !line.startsWith("    ");
            if (code) {
                assertThat(line).matches(AT_COLUMN_0);
            }
            boolean oneQuote = line.split("\"\"\"", -1).length == 2;
            docstring = oneQuote ? !docstring : docstring;
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void functionsHaveFewParametersAndNoOldName(Path file) throws IOException {
        for (MatchResult function :
                FUNCTION.matcher(Files.readString(file)).results().toList()) {
            List<String> parameters = PARAMETER
                    .matcher(function.group(2))
                    .results()
                    .map(parameter -> parameter.group(1))
                    .toList();
            assertThat(parameters)
                    .as(function.group(1))
                    .hasSizeLessThanOrEqualTo(PARAMETERS)
                    .noneMatch(OLD_NAME.asMatchPredicate());
            assertThat(function.group(1)).doesNotMatch(OLD_NAME);
        }
    }

    /** The types of tensors have names, see {@link TorchSource}. */
    @ParameterizedTest
    @MethodSource("files")
    void typesOfTensorsHaveNames(Path file) throws IOException {
        assertThat(Files.readString(file)).doesNotContainPattern("dtype ?(=|==) ?\\d|\\.to\\(\\d|memory_format=\\d");
    }

    @ParameterizedTest
    @MethodSource("files")
    void importsNameWhatAFileDeclares(Path file) throws IOException {
        for (MatchResult found :
                IMPORT.matcher(Files.readString(file)).results().toList()) {
            String imported = textOf(found.group(1));
            Stream.of(found.group(2).replaceAll("[()]", "").split(","))
                    .map(String::strip)
                    .filter(name -> !name.isEmpty())
                    .forEach(name -> assertThat(imported)
                            .as(found.group())
                            .containsPattern("(?m)^(?:def " + name + "\\(|class " + name + "\\(|" + name + " = )"));
        }
    }

    private static String textOf(String module) throws IOException {
        for (Path folder : FOLDERS) {
            Path file = folder.resolve("../..").resolve(module.replace('.', '/') + ".py");
            if (Files.exists(file)) {
                return Files.readString(file);
            }
        }
        throw new AssertionError("no file of " + module);
    }

    /** Python's own parser, and names: each file declares or imports what it uses, and imports nothing else. */
    @Test
    void pythonReadsEveryFile() throws IOException, InterruptedException {
        assumeTrue(
                runs("python3", "-c", "import ast, sys; sys.exit(sys.version_info < (3, 8))"),
                "python3, 3.8 or later, is not installed: Python's own parser has not read the files");
        Path checker = Path.of("src/test/resources/torchscript_names.py");
        Set<String> command = new TreeSet<>();
        files().forEach(file -> command.add(file.toString()));
        ProcessBuilder python = new ProcessBuilder("python3", checker.toString());
        python.command().addAll(command);
        Process process = python.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).start();
            return process.waitFor(10, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** TorchScript's own compiler: it compiles every function of a file, also those that Java cannot call. */
    @ParameterizedTest
    @MethodSource("programs")
    void torchScriptCompilesEveryFile(String resource) {
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = TorchProgram.compile(Device.cpu(), resource)) {
            assertThat(program).isNotNull();
            assertThat(manager.isOpen()).isTrue();
        }
    }

    static List<String> programs() {
        Path folder = FOLDERS.get(0);
        return pythonFiles(folder)
                .map(file -> "/" + folder.resolve("../..").normalize().relativize(file))
                .sorted()
                .toList();
    }
}
