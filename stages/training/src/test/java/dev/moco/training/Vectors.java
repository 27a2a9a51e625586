package dev.moco.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Test vectors of the method, from the folder in the system property {@code moco.vectors} or else from resources. */
public final class Vectors {
    private Vectors() {}

    /** Reads a file such as {@code 05_sgd_pytorch.json}. */
    public static JsonNode read(String file) {
        try (InputStream json = open(file)) {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String file) throws IOException {
        String folder = System.getProperty("moco.vectors", "");
        return folder.isEmpty()
                ? Objects.requireNonNull(Vectors.class.getResourceAsStream("/vectors/" + file), file)
                : Files.newInputStream(Path.of(folder, file));
    }
}
