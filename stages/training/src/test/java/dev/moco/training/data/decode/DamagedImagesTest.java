package dev.moco.training.data.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Verdicts of Pillow on a sample of damaged images, from {@code verdicts.txt}. */
class DamagedImagesTest {
    @Test
    void verdictsAreThoseOfPillow() throws Exception {
        PillowVerdicts pillow = new PillowVerdicts(
                DamagedImages.load(), Files.readAllLines(DamagedImages.folder().resolve("verdicts.txt")));
        assertThat(pillow.images()).isGreaterThan(300);
        assertThat(pillow.accepted()).isBetween(pillow.images() / 4L, pillow.images() * 3L / 4);
        for (ImageDecoder decoder : List.of(ImageDecoder.create(), ImageDecoder.ofJdk())) {
            assertThat(pillow.differences(decoder)).isEmpty();
        }
    }
}
