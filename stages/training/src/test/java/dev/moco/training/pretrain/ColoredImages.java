package dev.moco.training.pretrain;

import dev.moco.training.Pngs;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.Sample;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Images of 16 x 16 pixels with noise, each of a color of its own, in two classes: more red than blue, and the reverse.
 *
 * @param size number of images
 */
record ColoredImages(int size) implements ImageSet {
    private static final int SIDE = 16;

    @Override
    public List<String> classNames() {
        return List.of("red", "blue");
    }

    @Override
    public Sample sample(int index) {
        return new Sample("colored/" + index + ".png", SIDE, SIDE, index % 2, List.of());
    }

    @Override
    public byte[] encoded(int index) {
        CounterRandom random = CounterRandom.of(3, index);
        int more = 160 + random.nextInt(96);
        int less = random.nextInt(96);
        int green = random.nextInt(256) << 8;
        int color = index % 2 == 0 ? more << 16 | green | less : less << 16 | green | more;
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                image.setRGB(x, y, color ^ (random.nextInt(1 << 24) & 0x1f1f1f));
            }
        }
        return Pngs.encode(image);
    }
}
