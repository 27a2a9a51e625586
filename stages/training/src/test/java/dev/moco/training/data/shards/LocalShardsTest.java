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

@Timeout(600)
class LocalShardsTest {
    private static final int TORN = 1;

    @TempDir
    Path folder;

    @Test
    void aTornShardIsToldWhenItIsWantedAndTheOthersAreCopied() throws Exception {
        LocalShards shards = copying(name -> StageFailure.badData(name + " was altered"));
        awaitCopy(shards, 2);
        assertThat(shards.channel(0)).isNotNull();
        assertThatThrownBy(() -> shards.channel(TORN))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessage("train/000001.tar was altered");
    }

    @Test
    void afterAFaultOfTheSurroundingsShardsAreReadRemotely() throws Exception {
        LocalShards shards = copying(name -> StageFailure.fault("cannot read " + name));
        awaitCopy(shards, 0);
        for (Thread copier : copiers()) {
            copier.join();
        }
        assertThat(shards.channel(TORN)).isNull();
        assertThat(shards.channel(2)).isNull();
    }

    /** Three shards that are copied in the background, of which the second fails. */
    private LocalShards copying(Function<String, StageFailure> failure) throws IOException {
        ArtifactReader whole = TinyDataset.classification(folder, 40, 1, 2, 16);
        Path index = whole.file(DatasetIndex.FILE);
        DatasetIndex.Shards split =
                Objects.requireNonNull(CanonicalJson.read(Files.readAllBytes(index), DatasetIndex.class)
                        .splits()
                        .get(Split.TRAIN.id()));
        String torn = split.shards().get(TORN).path();
        return LocalShards.of(new Torn(whole, torn, failure.apply(torn)), split, index, 0);
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

    /** An artifact one file of which cannot be had. */
    private record Torn(ArtifactReader whole, String torn, StageFailure failure) implements ArtifactReader {
        @Override
        public Manifest manifest() {
            return whole.manifest();
        }

        @Override
        public Path file(String path) throws IOException {
            if (path.equals(torn)) {
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
