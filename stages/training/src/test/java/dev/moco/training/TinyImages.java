package dev.moco.training;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.Sample;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Images of 16 x 16 pixels: a random color for each image, and noise. */
public final class TinyImages implements ImageSet {
    private static final int SIDE = 16;

    private final List<byte[]> encoded = new ArrayList<>();

    public TinyImages(int count) {
        for (int i = 0; i < count; i++) {
            encoded.add(png(i));
        }
    }

    private static byte[] png(int number) {
        CounterRandom random = CounterRandom.of(1, number);
        int color = random.nextInt(1 << 24);
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                image.setRGB(x, y, color ^ (random.nextInt(1 << 24) & 0x1f1f1f));
            }
        }
        return Pngs.encode(image);
    }

    @Override
    public int size() {
        return encoded.size();
    }

    @Override
    public List<String> classNames() {
        return List.of("even", "odd");
    }

    @Override
    public Sample sample(int index) {
        return new Sample("tiny/" + index + ".png", SIDE, SIDE, index % 2, List.of());
    }

    @Override
    public byte[] encoded(int index) {
        return encoded.get(index);
    }
}
