package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.artifacts.ObjectStore.StoredObject;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StageObjectsTest {
    private static final String KEY = "0f".repeat(32);
    private static final String PREFIX = "v1/stages/pretrain/" + KEY + "/";

    @TempDir
    Path folder;

    @Test
    void objectsAreGroupedByStageAndKey() {
        StageObjects.StoredStages listing = StageObjects.StoredStages.of(objects(
                "v1/stages/linear/" + KEY + "/progress.json",
                PREFIX + "checkpoints/000000000008/checkpoint.json",
                PREFIX + "files/" + KEY + "/a file (1).png",
                PREFIX + "manifest.json"));
        assertThat(listing.foreign()).isEmpty();
        assertThat(listing.stages())
                .extracting(stage -> stage.stage().id() + " " + stage.isCommitted() + " " + stage.bytes() + " "
                        + stage.checkpointBytes())
                .containsExactly("pretrain true 3 1", "linear false 1 0");
        assertThat(listing.stages().get(0).stage()).isEqualTo(Stage.PRETRAIN);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "v1/stages/pretrain/x/manifest.json",
                "v1/stages/other/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/manifest.json",
                "v1/stages/pretrain/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/../../x",
                "v1/stages/pretrain/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/files/..",
                "v1/stages/pretrain/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/./x",
                "v1/stages/pretrain/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f//x",
                "v1/stages/pretrain/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/",
                "v1/stages/pretrain/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/a\u001b[2J",
                "v1/stages/PRETRAIN/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/x"
            })
    void namesThatNoStageMakesAreForeign(String key) {
        StageObjects.StoredStages listing = StageObjects.StoredStages.of(objects(key));
        assertThat(listing.stages()).isEmpty();
        assertThat(listing.foreign()).extracting(StoredObject::key).containsExactly(key);
    }

    @Test
    void listsAreDeletedBeforeWhatTheyList() {
        assertThat(StageObjects.inOrderOfDeletion(objects(
                        PREFIX + "checkpoints/000000000008/files/x/state.bin",
                        PREFIX + "checkpoints/000000000008/checkpoint.json",
                        PREFIX + "files/x/encoder.safetensors",
                        PREFIX + "parts/train-0.json",
                        PREFIX + "manifest.json")))
                .extracting(object -> object.key().substring(PREFIX.length()))
                .containsExactly(
                        "manifest.json",
                        "checkpoints/000000000008/checkpoint.json",
                        "parts/train-0.json",
                        "checkpoints/000000000008/files/x/state.bin",
                        "files/x/encoder.safetensors");
    }

    @Test
    void whatALinkLeadsToIsNotDeleted() throws IOException {
        Path outside = Files.createDirectories(folder.resolve("outside"));
        Path image = Files.writeString(outside.resolve("image.png"), "x");
        Path store = Files.createDirectories(folder.resolve("store/v1"));
        Files.createSymbolicLink(store.resolve("link"), outside);
        Path own = Files.createSymbolicLink(store.resolve("image.png"), image);
        try (ObjectStore objects = new FolderObjectStore(folder.resolve("store"))) {
            assertThatThrownBy(() -> objects.delete("v1/link/image.png"))
                    .isInstanceOf(StageFailure.class)
                    .hasMessageContaining("a symbolic link leads out of")
                    .extracting(failure -> ((StageFailure) failure).exitCode())
                    .isEqualTo(ExitCode.BAD_DATA);
            objects.delete("v1/image.png");
            objects.delete("v1/none/at/all");
        }
        assertThat(image).exists();
        assertThat(Files.isSymbolicLink(own)).isFalse();
    }

    @Test
    void aListingSaysWhenAnObjectWasChanged() throws IOException {
        Instant before = Instant.now().minusSeconds(60);
        try (ObjectStore objects = new FolderObjectStore(folder)) {
            objects.put(PREFIX + "progress.json", new byte[] {1});
            assertThat(StageObjects.list(objects).stages().get(0).changed()).isAfter(before);
        }
    }

    private static List<StoredObject> objects(String... keys) {
        return Stream.of(keys)
                .map(key -> new StoredObject(key, 1, "1", Instant.EPOCH))
                .toList();
    }
}
