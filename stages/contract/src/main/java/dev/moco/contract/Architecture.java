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
 * <p>{@link #RESNET10W16} has one basic block in each layer, widths 16, 32, 64, 128, and a 3x3 stem with stride 2 and
 * no max pool, for images of about 32 pixels.
 */
@SuppressWarnings("ImmutableEnumChecker") // records and List.of
public enum Architecture {
    RESNET10W16(ResNet.small(16, List.of(1, 1, 1, 1))),
    RESNET18(ResNet.imagenet(64, false, List.of(2, 2, 2, 2))),
    RESNET34(ResNet.imagenet(64, false, List.of(3, 4, 6, 3))),
    RESNET50(ResNet.imagenet(64, true, List.of(3, 4, 6, 3))),
    RESNET101(ResNet.imagenet(64, true, List.of(3, 4, 23, 3))),
    RESNET152(ResNet.imagenet(64, true, List.of(3, 8, 36, 3)));

    private final ResNet resnet;

    Architecture(ResNet resnet) {
        this.resnet = resnet;
    }

    public ResNet resnet() {
        return resnet;
    }

    /** Channels of the pooled features: 2048 for ResNet-50. */
    public int features() {
        return resnet.channels(ResNet.LAYER4);
    }

    /** Pixels for each cell of layer3's output (res4 in detection): 16 with the ImageNet stem. */
    public int strideOfLayer3() {
        return resnet.stride(ResNet.LAYER3);
    }

    /** Number of trained parameters, without a head: 23,508,032 for ResNet-50. */
    public long parameters() {
        return resnet.convolutions().stream()
                .mapToLong(ResNet.Convolution::parameters)
                .sum();
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
