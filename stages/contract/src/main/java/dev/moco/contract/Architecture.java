package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Backbones: torchvision's ResNets, and a small one for the quickstart.
 *
 * <p>{@link #RESNET10W16} has one basic block a stage, widths 16, 32, 64, 128, and a 3x3 stride-2 stem without a max
 * pool, for images of about 32 pixels.
 */
public enum Architecture {
    RESNET10W16(16, 1, 1, 1, 1),
    RESNET18(64, 2, 2, 2, 2),
    RESNET34(64, 3, 4, 6, 3),
    RESNET50(64, 3, 4, 6, 3),
    RESNET101(64, 3, 4, 23, 3),
    RESNET152(64, 3, 8, 36, 3);

    private final int width;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<Integer> blocks;

    Architecture(int width, Integer... blocks) {
        this.width = width;
        this.blocks = List.of(blocks);
    }

    /** Channels after the stem. */
    public int width() {
        return width;
    }

    /** Residual blocks of layer1 to layer4. */
    public List<Integer> blocks() {
        return blocks;
    }

    /** Whether the blocks are bottlenecks (1x1, 3x3, 1x1 with four times the width) instead of two 3x3 convolutions. */
    public boolean bottleneck() {
        return compareTo(RESNET50) >= 0;
    }

    /** Whether the stem is torchvision's (7x7 stride 2, then 3x3 max pool stride 2) instead of one 3x3 stride 2. */
    public boolean imagenetStem() {
        return this != RESNET10W16;
    }

    /** Channels of the pooled features: 2048 for ResNet-50. */
    public int features() {
        return width * 8 * (bottleneck() ? 4 : 1);
    }

    /** Pixels a cell of layer3's output (res4 in detection): 16 with the ImageNet stem. */
    public int strideOfLayer3() {
        return imagenetStem() ? 16 : 8;
    }

    /** Numbers that training changes, without a head: 23,508,032 for ResNet-50. */
    public long parameters() {
        int side = imagenetStem() ? 7 : 3;
        long parameters = convolution(3, width, side);
        int in = width;
        for (int level = 0; level < blocks.size(); level++) {
            int inner = width << level;
            int out = inner * (bottleneck() ? 4 : 1);
            for (int block = 0; block < blocks.get(level); block++) {
                parameters += bottleneck()
                        ? convolution(in, inner, 1) + convolution(inner, inner, 3) + convolution(inner, out, 1)
                        : convolution(in, inner, 3) + convolution(inner, out, 3);
                parameters += in == out ? 0 : convolution(in, out, 1);
                in = out;
            }
        }
        return parameters;
    }

    /** A square convolution without bias, and its norm. */
    private static long convolution(int in, int out, int side) {
        return (long) in * out * side * side + 2L * out;
    }

    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Architecture of(String id) {
        return Arrays.stream(values())
                .filter(architecture -> architecture.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown architecture \"" + id + "\"; known are: "
                        + Arrays.stream(values()).map(Architecture::id).collect(Collectors.joining(", "))));
    }
}
