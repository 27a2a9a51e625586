package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {
    @Test
    void closingDeletesTheFolderWithItsFiles(@TempDir Path parent) throws IOException {
        try (ScratchFolder scratch = ScratchFolder.below(parent.resolve("work"), "bench-")) {
            assertThat(scratch.path().getFileName().toString()).startsWith("bench-");
            Files.writeString(
                    Files.createDirectory(scratch.path().resolve("cache")).resolve("shard"), "bytes");
        }
        assertThat(parent.resolve("work")).isEmptyDirectory();
    }
}
