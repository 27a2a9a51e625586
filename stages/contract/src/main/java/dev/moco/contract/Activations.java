package dev.moco.contract;

/**
 * How many numbers a ResNet's maps of one image are, which decides the memory that a stage needs.
 *
 * @param tape kept from the way forwards for the way back: the inputs of the parts, and the outputs of the convolutions; in
 *     layer1, in float32's layer2, and everywhere in detectors, but the last of each block
 * @param largest of the maps that are held at one time for a short while
 */
public record Activations(long tape, long largest) {
    private static final int LEVELS = 4;

    /** Of a whole ResNet. */
    public static Activations ofEncoder(Architecture architecture, int height, int width, Precision precision) {
        int spared = precision == Precision.BFLOAT16 ? 1 : 2;
        return ofStem(architecture, height, width).then(architecture, LEVELS, height, width, spared);
    }

    /** Of a detector's trunk, which ends with layer3. */
    public static Activations ofTrunk(Architecture architecture, int height, int width) {
        return ofStem(architecture, height, width).then(architecture, LEVELS - 1, height, width, LEVELS);
    }

    /** Of the RoI head on one region: RoIAlign's cells, then layer4. */
    public static Activations ofRegion(Architecture architecture, int cells) {
        long pooled = (long) channels(architecture, LEVELS - 2) * cells * cells;
        return layer(new Activations(pooled, pooled), architecture, LEVELS - 1, cells, cells, true);
    }

    private static Activations ofStem(Architecture architecture, int height, int width) {
        long convolved = (long) architecture.width() * half(height) * half(width);
        long pooled = architecture.imagenetStem()
                ? (long) architecture.width() * half(half(height)) * half(half(width))
                : convolved;
        return new Activations(3L * height * width + convolved + pooled, Math.max(3L * height * width, convolved));
    }

    private Activations then(Architecture architecture, int levels, int height, int width, int spared) {
        int rows = architecture.imagenetStem() ? half(half(height)) : half(height);
        int columns = architecture.imagenetStem() ? half(half(width)) : half(width);
        Activations all = this;
        for (int level = 0; level < levels; level++) {
            all = layer(all, architecture, level, rows, columns, level < spared);
            rows = level == 0 ? rows : half(rows);
            columns = level == 0 ? columns : half(columns);
        }
        return all;
    }

    /** With a layer's maps, for inputs of {@code rows} x {@code columns} cells. */
    private static Activations layer(
            Activations before, Architecture architecture, int level, int rows, int columns, boolean spare) {
        long in = (long) rows * columns;
        long out = level == 0 ? in : (long) half(rows) * half(columns);
        long inner = (long) architecture.width() << level;
        long tape = before.tape;
        for (int block = 0; block < architecture.blocks().get(level); block++) {
            // Bottlenecks have their stride in the second convolution.
            tape += inner * (architecture.bottleneck() ? (block == 0 ? in : out) + out : out);
            tape += channels(architecture, level) * out * (spare ? 1 : block == 0 ? 3 : 2);
        }
        return new Activations(
                tape, Math.max(before.largest, Math.max(inner * in, channels(architecture, level) * out)));
    }

    private static int channels(Architecture architecture, int level) {
        return (architecture.width() << level) * (architecture.bottleneck() ? 4 : 1);
    }

    private static int half(int cells) {
        return (cells + 1) / 2;
    }
}
