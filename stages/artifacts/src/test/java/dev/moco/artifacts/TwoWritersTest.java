package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.Provenance;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that write under one key: what one of them commits is read back as it was written. */
class TwoWritersTest {
    private static final PrepareConfig CONFIG =
            new PrepareConfig(PrepareConfig.Dataset.IMAGENET, "f", PrepareConfig.OnBadImage.FAIL, List.of(), 8, 0);
    private static final String KEY = ArtifactKey.of(CONFIG, Map.of());

    @TempDir
    Path folder;

    private ObjectStore objects;
    private ArtifactStore store;

    @BeforeEach
    void open() {
        objects = new FolderObjectStore(folder.resolve("store"));
        store = new ArtifactStore(objects);
    }

    @Test
    void theFilesOfTheWinnerAreNotOverwritten() throws IOException {
        Manifest ours = uploaded(store, "ours");
        Manifest theirs = uploaded(store, "theirs");
        store.commit(ours);
        assertThatThrownBy(() -> store.commit(theirs)).hasMessageContaining("was committed by another process");
        uploaded(store, "a third");
        assertThat(store.status(Stage.PREPARE, KEY)).isEqualTo(new ArtifactStatus.Intact(ours));
        assertThat(store.reader(ours.ref(), folder.resolve("cache")).file("a.bin"))
                .hasContent("ours");
    }

    @Test
    void aServerThatIgnoresTheConditionShowsWhoseCommitRemains() throws IOException {
        ObjectStore careless = new Passing(objects) {
            @Override
            public boolean putIfAbsent(String key, byte[] bytes) throws IOException {
                put(key, bytes);
                // The other process writes between the write and the read.
                put(key, CanonicalJson.bytes(uploaded(store, "theirs")));
                return true;
            }
        };
        Manifest ours = uploaded(store, "ours");
        assertThatThrownBy(() -> new ArtifactStore(careless).commit(ours))
                .hasMessageContaining("was committed by another process");
        Manifest committed = store.manifest(Stage.PREPARE, KEY).orElseThrow();
        assertThat(store.reader(committed, folder.resolve("cache")).file("a.bin"))
                .hasContent("theirs");
    }

    @Test
    void aConflictIsNoCommit() throws IOException {
        Manifest ours = uploaded(store, "ours");
        assertThatThrownBy(() -> new ArtifactStore(conflicting(Integer.MAX_VALUE)).commit(ours))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.FAULT))
                .hasMessageContaining("was not accepted");
        assertThat(store.manifest(Stage.PREPARE, KEY)).isEmpty();
        assertThat(new ArtifactStore(conflicting(2)).commit(ours)).isEqualTo(ours);
        assertThat(store.status(Stage.PREPARE, KEY)).isEqualTo(new ArtifactStatus.Intact(ours));
    }

    /** A server that answers so many conditional writes with 409, as it does while another writer is creating the object. */
    private ObjectStore conflicting(int times) {
        return new Passing(objects) {
            private int left = times;

            @Override
            public boolean putIfAbsent(String key, byte[] bytes) throws IOException {
                return left-- <= 0 && super.putIfAbsent(key, bytes);
            }
        };
    }

    @Test
    void aCheckpointOfTwoWritersIsThatOfOne() throws IOException {
        Path theirs = Files.createDirectories(folder.resolve("theirs"));
        Files.writeString(theirs.resolve("a.bin"), "their a");
        Files.writeString(theirs.resolve("b.bin"), "their b");
        ObjectStore interrupted = new Passing(objects) {
            @Override
            public void put(String key, byte[] bytes) throws IOException {
                // All files are uploaded; before their list is, the other process saves the same step.
                store.checkpoints(Stage.PRETRAIN, KEY).save(10, theirs);
                super.put(key, bytes);
            }
        };
        Path ours = Files.createDirectories(folder.resolve("ours"));
        Files.writeString(ours.resolve("a.bin"), "our a");
        Files.writeString(ours.resolve("b.bin"), "our b");
        new ArtifactStore(interrupted).checkpoints(Stage.PRETRAIN, KEY).save(10, ours);
        Path restored = Files.createDirectories(folder.resolve("restored"));
        assertThat(store.checkpoints(Stage.PRETRAIN, KEY).restore(restored)).isEqualTo(OptionalLong.of(10));
        assertThat(restored.resolve("a.bin")).hasContent("our a");
        assertThat(restored.resolve("b.bin")).hasContent("our b");
    }

    private Manifest uploaded(ArtifactStore to, String content) throws IOException {
        Path file = Files.writeString(Files.createTempFile(folder, "a", ".bin"), content);
        return new Manifest(
                Manifest.VERSION,
                Stage.PREPARE,
                KEY,
                CONFIG,
                Map.of(),
                to.upload(Stage.PREPARE, KEY, Map.of("a.bin", file)),
                List.of(),
                new StageResult.Prepared(1, 1, 1, 7, 0, List.of()),
                new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 1, 0));
    }

    /** Passes every call on. */
    private static class Passing implements ObjectStore {
        private final ObjectStore to;

        Passing(ObjectStore to) {
            this.to = to;
        }

        @Override
        public String place() {
            return to.place();
        }

        @Override
        public Optional<byte[]> get(String key, int maxBytes) throws IOException {
            return to.get(key, maxBytes);
        }

        @Override
        public Optional<Long> size(String key) throws IOException {
            return to.size(key);
        }

        @Override
        public byte[] range(String key, long offset, int length) throws IOException {
            return to.range(key, offset, length);
        }

        @Override
        public InputStream open(String key) throws IOException {
            return to.open(key);
        }

        @Override
        public void put(String key, byte[] bytes) throws IOException {
            to.put(key, bytes);
        }

        @Override
        public boolean putIfAbsent(String key, byte[] bytes) throws IOException {
            return to.putIfAbsent(key, bytes);
        }

        @Override
        public void upload(String key, Path file) throws IOException {
            to.upload(key, file);
        }

        @Override
        public void list(String prefix, Consumer<StoredObject> each) throws IOException {
            to.list(prefix, each);
        }

        @Override
        public void delete(String key) throws IOException {
            to.delete(key);
        }

        @Override
        public void close() {
            to.close();
        }
    }
}
