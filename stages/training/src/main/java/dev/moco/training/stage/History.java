package dev.moco.training.stage;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.HistoryPoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Metrics of a stage so far, in a local file with one line of JSON for each point. */
final class History {
    private final Path file;

    History(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    synchronized void add(HistoryPoint point) throws IOException {
        String line = new String(CanonicalJson.bytes(point), StandardCharsets.UTF_8) + "\n";
        Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    synchronized void copyTo(Path copy) throws IOException {
        copy(file, copy);
    }

    /** Replaces the history by that of a checkpoint. */
    synchronized void replaceBy(Path copy) throws IOException {
        copy(copy, file);
    }

    /** Copies a file; a missing one gives an empty copy. */
    private static void copy(Path from, Path to) throws IOException {
        if (Files.isRegularFile(from)) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.write(to, new byte[0]);
        }
    }
}
