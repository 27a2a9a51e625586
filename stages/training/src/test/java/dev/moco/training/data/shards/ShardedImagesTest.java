package dev.moco.training.data.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.Sha256;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardedImagesTest {
    @TempDir
    Path folder;

    @Test
    void everySampleIsReadAsWritten() throws IOException {
        ImageSet images = ShardedImages.open(TinyDataset.detection(folder, 40, 3, 3, 24), Split.TRAIN);

        assertThat(images.size()).isEqualTo(40);
        assertThat(images.classNames()).containsExactly("class0", "class1", "class2");
        assertThat(images.sample(17).id()).isEqualTo("train17");
        assertThat(images.sample(17).objects())
                .singleElement()
                .satisfies(object -> assertThat(object.label()).isEqualTo(17 % 3));
        assertThat(images.encoded(39)).startsWith(0x89, 'P', 'N', 'G');
    }

    @Test
    void shardsAreOrdinaryTarFiles() throws IOException {
        ArtifactReader reader = TinyDataset.classification(folder, 5, 1, 2, 16);
        ImageSet images = ShardedImages.open(reader, Split.TRAIN);

        List<String> names = new ArrayList<>();
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(Files.newInputStream(reader.file("train/000000.tar")))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add("%s %o %d %d"
                        .formatted(
                                entry.getName(),
                                entry.getMode() & 0777,
                                entry.getLastModifiedTime().toMillis(),
                                entry.getLongUserId()));
                assertThat(tar.readAllBytes()).isEqualTo(images.encoded(names.size() - 1));
            }
        }
        assertThat(names).hasSize(5).first().isEqualTo("000000000.png 644 0 0");
    }

    @Test
    void equalImagesMakeEqualShards() throws IOException {
        ArtifactReader one = TinyDataset.classification(folder.resolve("one"), 20, 4, 2, 16);
        ArtifactReader two = TinyDataset.classification(folder.resolve("two"), 20, 4, 2, 16);

        for (String file : List.of("index.json", "train/000001.tar", "train/000001.json")) {
            assertThat(Sha256.of(Files.readAllBytes(one.file(file))))
                    .isEqualTo(Sha256.of(Files.readAllBytes(two.file(file))));
        }
    }

    @Test
    void anAlteredImageIsReportedByName() throws IOException {
        ArtifactReader reader = TinyDataset.classification(folder, 20, 4, 2, 16);
        Path shard = reader.file("train/000001.tar");
        byte[] bytes = Files.readAllBytes(shard);
        bytes[600] ^= 1;
        Files.write(shard, bytes);
        ImageSet images = ShardedImages.open(reader, Split.TRAIN);

        assertThat(images.encoded(15)).isNotEmpty();
        assertThatThrownBy(() -> images.encoded(16))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining("train/000001.tar: image train16 has CRC-32C");
    }

    @Test
    void theMessageForAnUnknownSplitListsTheKnownOnes() throws IOException {
        ArtifactReader reader = TinyDataset.classification(folder, 4, 4, 2, 16);

        assertThatThrownBy(() -> ShardedImages.open(reader, Split.TEST))
                .hasMessage("index.json: no split \"test\"; splits are: train, validation");
    }
}
