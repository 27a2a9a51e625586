package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkFolderTest {
    @TempDir
    Path folder;

    @Test
    @SuppressWarnings("try") // the locks are only held
    void onlyOneRunAtATimeLocksAFolder() throws IOException {
        WorkFolder work = new WorkFolder(folder.resolve("new"));
        try (WorkFolder.Lock held = work.lock()) {
            assertThatThrownBy(work::lock)
                    .isInstanceOf(StageFailure.class)
                    .hasMessage("another `moco run` works in " + work.root()
                            + "; wait for it, stop it, or choose another folder with --work")
                    .extracting(failure -> ((StageFailure) failure).exitCode())
                    .isEqualTo(ExitCode.FAULT);
            new WorkFolder(folder.resolve("other")).lock().close();
        }
        work.lock().close();
    }

    @Test
    void aFolderThatCannotBeCreatedIsReported() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> new WorkFolder(file).lock())
                .isInstanceOf(StageFailure.class)
                .hasMessageStartingWith("cannot write the work folder " + file + ": ");
    }

    @Test
    void sweepDeletesScratchFoldersAndKeepsVerifiedCopies() throws IOException {
        WorkFolder work = new WorkFolder(folder);
        Path copy = work.cache().resolve("0f").resolve("0f12");
        Path scratch = work.cache().resolve("pretrain-123").resolve("history.jsonl");
        for (Path file : new Path[] {copy, scratch}) {
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
        work.sweep();
        assertThat(copy).exists();
        assertThat(scratch.getParent()).doesNotExist();
    }
}
