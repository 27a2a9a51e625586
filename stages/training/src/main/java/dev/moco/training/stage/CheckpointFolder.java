package dev.moco.training.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A checkpoint's files, written to scratch, committed, and deleted again: local disks are small. */
public final class CheckpointFolder {
    private CheckpointFolder() {}

    /** Writes the files of a checkpoint. */
    @FunctionalInterface
    public interface Content {
        void write(Path folder) throws IOException;
    }

    public static void save(StageContext context, long step, Content content) throws IOException {
        Path folder = Files.createDirectories(context.scratch().resolve("checkpoint-" + step));
        content.write(folder);
        context.saveCheckpoint(step, folder);
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
