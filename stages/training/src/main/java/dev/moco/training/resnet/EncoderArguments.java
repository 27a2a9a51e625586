package dev.moco.training.resnet;

import ai.djl.ndarray.NDArray;
import dev.moco.contract.Precision;
import java.util.List;

/**
 * An encoder as the functions of {@code encoder.py} and {@code head.py} take it, without its arrays. Made once and not for
 * each call, since the shape of a ResNet takes up to a millisecond to list.
 *
 * @param shape result of {@link FlatLayout#shape}
 * @param bfloat16 true if it computes in bfloat16
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record EncoderArguments(long[] shape, boolean bfloat16) {
    public EncoderArguments(EncoderLayout layout, Precision precision) {
        this(layout.shape(), precision == Precision.BFLOAT16);
    }

    /** The program's {@code Encoder} with these arrays. */
    public List<Object> of(NDArray parameters, NDArray statistics) {
        return List.of(parameters, statistics, shape, bfloat16);
    }
}
