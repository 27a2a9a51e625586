package dev.moco.operator.neighbors;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A program that is run to its end. */
record Command(List<String> words, Path folder, String input) {
    static Command of(String... words) {
        return new Command(List.of(words), Path.of(""), "");
    }

    Command in(Path where) {
        return new Command(words, where, input);
    }

    /** The same with a standard input. */
    Command reading(String text) {
        return new Command(words, folder, text);
    }

    /** Standard output; fails the test with all output if the program fails. */
    String output() throws IOException, InterruptedException {
        Ended result = run();
        if (result.exitCode() != 0) {
            throw new AssertionError("`%s` in %s ended with exit code %d:%n%s%s"
                    .formatted(
                            String.join(" ", words),
                            folder.toAbsolutePath(),
                            result.exitCode(),
                            result.out(),
                            result.err()));
        }
        return result.out();
    }

    /** Exit code and outputs of a program that may fail. */
    Ended run() throws IOException, InterruptedException {
        Path in = Files.createTempFile("command", ".in");
        Path err = Files.createTempFile("command", ".err");
        try {
            Files.writeString(in, input);
            Process process = new ProcessBuilder(words)
                    .directory(folder.toAbsolutePath().toFile())
                    .redirectInput(in.toFile())
                    .redirectError(err.toFile())
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), out, Files.readString(err));
        } finally {
            Files.delete(in);
            Files.delete(err);
        }
    }

    /** Exit code and outputs of a program. */
    record Ended(int exitCode, String out, String err) {}
}
