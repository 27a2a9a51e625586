package dev.moco.training.data.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LocalShardsTest {
    private static final int DAMAGED = 1;

    @TempDir
    Path folder;

    @Test
    void aDamagedShardFailsItsOwnReadsAndTheOthersAreCopied() throws Exception {
        LocalShards shards = copying(name -> StageFailure.badData(name + " was altered"));
        awaitCopy(shards, 2);
        assertThat(shards.channel(0)).isNotNull();
        assertThatThrownBy(() -> shards.channel(DAMAGED))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessage("train/000001.tar was altered");
    }

    @Test
    void afterAnErrorOfTheStoreShardsAreReadRemotely() throws Exception {
        LocalShards shards = copying(name -> StageFailure.fault("cannot read " + name));
        awaitCopy(shards, 0);
        for (Thread copier : copiers()) {
            copier.join();
        }
        assertThat(shards.channel(DAMAGED)).isNull();
        assertThat(shards.channel(2)).isNull();
    }

    /** Starts to copy three shards in the background; the second fails. */
    private LocalShards copying(Function<String, StageFailure> failure) throws IOException {
        ArtifactReader whole = TinyDataset.classification(folder, 40, 1, 2, 16);
        Path index = whole.file(DatasetIndex.FILE);
        DatasetIndex.Shards split =
                Objects.requireNonNull(CanonicalJson.read(Files.readAllBytes(index), DatasetIndex.class)
                        .splits()
                        .get(Split.TRAIN.id()));
        String damaged = split.shards().get(DAMAGED).path();
        return LocalShards.of(new Damaged(whole, damaged, failure.apply(damaged)), split, index, 0);
    }

    private static void awaitCopy(LocalShards shards, int shard) throws Exception {
        while (shards.channel(shard) == null) {
            Thread.sleep(5);
        }
    }

    private static Iterable<Thread> copiers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("shard-copier"))
                .toList();
    }

    /** An artifact of which one file cannot be read. */
    private record Damaged(ArtifactReader whole, String damaged, StageFailure failure) implements ArtifactReader {
        @Override
        public Manifest manifest() {
            return whole.manifest();
        }

        @Override
        public Path file(String path) throws IOException {
            if (path.equals(damaged)) {
                throw failure;
            }
            return whole.file(path);
        }

        @Override
        public ByteBuffer range(String path, long offset, int length) throws IOException {
            return whole.range(path, offset, length);
        }
    }
}
