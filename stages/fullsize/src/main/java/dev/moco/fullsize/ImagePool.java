package dev.moco.fullsize;

import java.util.ArrayList;
import java.util.List;

/**
 * JPEGs that take turns as the images of a data set: most of 500 pixels, some smaller, few as large as cameras make
 * them. With all of them a drawn image has 115 kB on average, as in ImageNet.
 */
final class ImagePool {
    private static final int[][] ORDINARY = {
        {500, 375},
        {500, 333},
        {375, 500},
        {500, 375},
        {500, 400},
        {333, 500},
        {500, 375},
        {400, 300},
        {500, 500},
        {256, 192}
    };
    private static final int[][] LARGE = {{800, 600}, {1024, 768}, {768, 1024}, {1280, 960}};
    private static final int[][] HUGE = {{1600, 1200}, {2592, 1944}, {3264, 2448}};
    /** Share of large and of huge images, in thousandths. */
    private static final int LARGE_SHARE = 22;

    private static final int HUGE_SHARE = 3;

    private final List<Image> ordinary = new ArrayList<>();
    private final List<Image> large = new ArrayList<>();
    private final List<Image> huge = new ArrayList<>();
    private final List<Image> all = new ArrayList<>();

    /** A JPEG; its number is its position in the pool. */
    record Image(int number, int width, int height, Content.InMemory content) {}

    private ImagePool(int ordinaryImages, boolean withLarge) {
        add(ordinary, ordinaryImages, ORDINARY);
        if (withLarge) {
            add(large, 24, LARGE);
            add(huge, 6, HUGE);
        }
    }

    /** The pool of a full data set: 254 images; making them takes seconds. */
    static ImagePool full() {
        return new ImagePool(224, true);
    }

    /** A pool for tests. */
    static ImagePool small() {
        return new ImagePool(8, false);
    }

    private void add(List<Image> images, int count, int[][] sizes) {
        for (int i = 0; i < count; i++) {
            int[] size = sizes[i % sizes.length];
            byte[] jpeg = SyntheticJpeg.of(all.size(), size[0], size[1]);
            Image image = new Image(all.size(), size[0], size[1], Content.of(jpeg));
            images.add(image);
            all.add(image);
        }
    }

    List<Image> images() {
        return all;
    }

    /** The image of a file of a data set. */
    Image draw(long seed, long file) {
        int share = large.isEmpty() ? 1000 : Mix.number(seed + 1, file, 1000);
        List<Image> images = share < HUGE_SHARE ? huge : share < HUGE_SHARE + LARGE_SHARE ? large : ordinary;
        return images.get(Mix.number(seed, file, images.size()));
    }

    /** An image of at most 500 pixels, as in VOC. */
    Image drawOrdinary(long seed, long file) {
        return ordinary.get(Mix.number(seed, file, ordinary.size()));
    }
}
