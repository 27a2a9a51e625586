package dev.moco.operator.cli;

import dev.moco.artifacts.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A folder of links to the checkout that is marked as built, since the build that runs the tests has not finished.
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
        Files.createSymbolicLink(folder.resolve("target/lib"), home.resolve("target/lib"));
        return new BuiltCheckout(folder);
    }

    @Override
    public void close() throws IOException {
        // Links are not followed: their targets stay.
        FileTree.delete(folder);
    }
}
