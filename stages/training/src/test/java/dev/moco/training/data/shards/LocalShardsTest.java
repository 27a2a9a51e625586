package dev.moco.training.data.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.ImageSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class LocalShardsTest {
    private static final int DAMAGED = 1;

    @TempDir
    Path folder;

    @Test
    void aDamagedShardFailsItsOwnReadsAndTheOthersAreCopied() throws Exception {
        LocalShards shards = copying(name -> StageFailure.badData(name + " was altered"));
        awaitCopiers();
        assertThat(shards.channel(0)).isNotNull();
        assertThat(shards.channel(2)).isNotNull();
        assertThatThrownBy(() -> shards.channel(DAMAGED))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessage("train/000001.tar was altered");
    }

    @Test
    void afterAnErrorOfTheStoreShardsAreReadRemotely() throws Exception {
        LocalShards shards = copying(name -> StageFailure.fault("cannot read " + name));
        awaitCopiers();
        assertThat(shards.channel(DAMAGED)).isNull();
        assertThat(shards.remote(DAMAGED)).isTrue();
    }

    @Test
    void asManyShardsAreCopiedAsThereIsRoomFor() throws Exception {
        ArtifactReader whole = TinyDataset.classification(folder, 160, 1, 2, 16);
        LocalShards shards = LocalShards.of(new Room(whole, 4), train(whole), 0);
        awaitCopiers();
        List<Integer> remote = new ArrayList<>();
        for (int shard = 0; shard < 10; shard++) {
            assertThat(shards.channel(shard) == null).isEqualTo(shards.remote(shard));
            if (shards.remote(shard)) {
                remote.add(shard);
            }
        }
        assertThat(remote).hasSize(6);
    }

    @Test
    void aSmallSplitThatDoesNotFitIsReadRemotely() throws Exception {
        ArtifactReader whole = TinyDataset.classification(folder, 40, 1, 2, 16);
        LocalShards shards = LocalShards.of(new Room(whole, 1), train(whole));
        assertThat(shards.channel(2)).isNotNull();
        assertThat(shards.channel(0)).isNull();
        assertThat(shards.remote(0)).isTrue();
        assertThat(shards.remote(2)).isFalse();
    }

    @Test
    void severalShardsAreCopiedAtTheSameTime() throws Exception {
        ArtifactReader whole = TinyDataset.classification(folder, 160, 1, 2, 16);
        CountDownLatch atOnce = new CountDownLatch(4);
        LocalShards shards = LocalShards.of(new Together(whole, atOnce), train(whole), 0);
        awaitCopiers();
        for (int shard = 0; shard < 10; shard++) {
            assertThat(shards.channel(shard)).isNotNull();
        }
    }

    @Test
    void cachedAndRemoteSamplesHaveTheSameBytes() throws Exception {
        ArtifactReader whole = TinyDataset.classification(folder, 40, 1, 2, 16);
        ShardedImages local = ShardedImages.open(whole, Split.TRAIN);
        ShardedImages mixed = ShardedImages.open(new Room(whole, 1), Split.TRAIN);
        ShardedImages remote = ShardedImages.open(new Room(whole, 0), Split.TRAIN);
        int[] order = IntStream.range(0, 40).map(i -> 39 - i).toArray();
        try (ImageSet.Reads ahead = remote.inOrder(order, 0);
                ImageSet.Reads partly = mixed.inOrder(order, 0)) {
            for (int position = 0; position < order.length; position++) {
                byte[] expected = local.encoded(order[position]);
                assertThat(ahead.encoded(position)).isEqualTo(expected);
                assertThat(partly.encoded(position)).isEqualTo(expected);
            }
        }
    }

    private static DatasetIndex.Shards train(ArtifactReader artifact) throws IOException {
        return Objects.requireNonNull(
                CanonicalJson.read(Files.readAllBytes(artifact.file(DatasetIndex.FILE)), DatasetIndex.class)
                        .splits()
                        .get(Split.TRAIN.id()));
    }

    /** An artifact whose cache has room for some files. */
    private record Room(ArtifactReader whole, AtomicInteger left) implements ArtifactReader {
        Room(ArtifactReader whole, int files) {
            this(whole, new AtomicInteger(files));
        }

        @Override
        public Manifest manifest() {
            return whole.manifest();
        }

        @Override
        public Path file(String path) throws IOException {
            return whole.file(path);
        }

        @Override
        public Optional<Path> fileIfRoom(String path) throws IOException {
            return left.getAndDecrement() > 0 ? Optional.of(whole.file(path)) : Optional.empty();
        }

        @Override
        public ByteBuffer range(String path, long offset, int length) throws IOException {
            return whole.range(path, offset, length);
        }
    }

    /** An artifact that gives a file only when several are asked for at the same time. */
    private record Together(ArtifactReader whole, CountDownLatch atOnce) implements ArtifactReader {
        @Override
        public Manifest manifest() {
            return whole.manifest();
        }

        @Override
        public Path file(String path) throws IOException {
            return whole.file(path);
        }

        @Override
        public Optional<Path> fileIfRoom(String path) throws IOException {
            atOnce.countDown();
            try {
                if (!atOnce.await(10, TimeUnit.MINUTES)) {
                    throw new IOException("files are asked for one after the other");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return Optional.of(whole.file(path));
        }

        @Override
        public ByteBuffer range(String path, long offset, int length) throws IOException {
            return whole.range(path, offset, length);
        }
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
        return LocalShards.of(new Damaged(whole, damaged, failure.apply(damaged)), split, 0);
    }

    /** Waits until no shard is being copied: one that fails is noted by another thread than one that is there. */
    private static void awaitCopiers() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("shard-copier")) {
                thread.join();
            }
        }
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
        public Optional<Path> fileIfRoom(String path) throws IOException {
            return Optional.of(file(path));
        }

        @Override
        public ByteBuffer range(String path, long offset, int length) throws IOException {
            return whole.range(path, offset, length);
        }
    }
}
