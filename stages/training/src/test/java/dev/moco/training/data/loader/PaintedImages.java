package dev.moco.training.data.loader;

import dev.moco.training.data.ImageSet;
import dev.moco.training.data.Sample;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;

/** PNG images of 12x10 pixels, each of a single color that identifies its index; some may be truncated. */
final class PaintedImages implements ImageSet {
    final AtomicInteger reads = new AtomicInteger();
    private final int size;
    private final Set<Integer> truncated;
    private final int claimedWidth;

    /** Creates images with a given width in the index, of which some are truncated. */
    PaintedImages(int size, int claimedWidth, Set<Integer> truncated) {
        this.size = size;
        this.claimedWidth = claimedWidth;
        this.truncated = truncated;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public List<String> classNames() {
        return List.of("even", "odd");
    }

    @Override
    public Sample sample(int index) {
        return new Sample("painted/" + index + ".png", claimedWidth, 10, index % 2, List.of());
    }

    @Override
    public byte[] encoded(int index) throws IOException {
        reads.incrementAndGet();
        BufferedImage image = new BufferedImage(12, 10, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 120; i++) {
            image.setRGB(i % 12, i / 12, index * 0x010101);
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        byte[] bytes = png.toByteArray();
        return truncated.contains(index) ? Arrays.copyOf(bytes, bytes.length / 2) : bytes;
    }
}
