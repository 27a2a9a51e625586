package dev.moco.training.data.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Picture;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ThumbnailTest {
    @Test
    void aLargeImageIsShrunkAndASmallOneIsNot() throws IOException {
        Picture large = Thumbnail.of("dog", plain(800, 400, 200), 100);
        assertThat(large.label() + " " + large.width() + "x" + large.height()).isEqualTo("dog 100x50");
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(large.jpeg()));
        assertThat(read.getWidth()).isEqualTo(100);
        assertThat(read.getRGB(50, 25) & 0xff).isBetween(190, 210);
        assertThat(Thumbnail.of("", plain(3, 2, 9), 100).width()).isEqualTo(3);
    }

    /** Noise is the worst case of JPEG. */
    @Test
    void aPictureIsNeverTooLargeForItsReaders() {
        CounterRandom random = CounterRandom.of(1);
        byte[] pixels = new byte[400 * 400 * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextInt(256);
        }
        assertThat(Thumbnail.of("x".repeat(300), new RgbImage(400, 400, pixels), 400)
                        .jpeg())
                .hasSizeLessThanOrEqualTo(Picture.MAX_BYTES);
    }

    private static RgbImage plain(int width, int height, int value) {
        byte[] pixels = new byte[width * height * 3];
        Arrays.fill(pixels, (byte) value);
        return new RgbImage(width, height, pixels);
    }
}
