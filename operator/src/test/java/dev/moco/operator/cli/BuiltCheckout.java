package dev.moco.operator.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The checkout under another name, which the launcher finds built: the build that runs a test is not over.
 *
 * @param folder where {@code moco} and {@code kubectl-moco} are
 */
record BuiltCheckout(Path folder) implements AutoCloseable {
    static BuiltCheckout of(Path home) throws IOException {
        Path folder = Files.createTempDirectory("moco-checkout");
        Files.copy(home.resolve("moco"), folder.resolve("moco"));
        Files.createSymbolicLink(folder.resolve("kubectl-moco"), Files.readSymbolicLink(home.resolve("kubectl-moco")));
        for (String part : List.of("operator", "stages", "pom.xml")) {
            Files.createSymbolicLink(folder.resolve(part), home.resolve(part));
        }
        Files.createDirectory(folder.resolve("target"));
        Files.createFile(folder.resolve("target/moco.built"));
        return new BuiltCheckout(folder);
    }

    @Override
    public void close() throws IOException {
        List<Path> all;
        // Links are not followed: what they point to stays.
        try (Stream<Path> files = Files.walk(folder)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : all) {
            Files.delete(file);
        }
    }
}
