package dev.moco.training.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.Storage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Bytes of arrays on the host: the memory of an array itself, or a copy of that of a GPU. */
final class HostBytes {
    private HostBytes() {}

    static int count(NDArray array) {
        return Math.toIntExact(array.size() * array.getDataType().getNumOfBytes());
    }

    /** Bytes of an array, in the byte order of the machine. */
    static ByteBuffer of(NDArray array) {
        return array.getDevice().isGpu()
                ? array.toByteBuffer().order(ByteOrder.nativeOrder())
                : Storage.of((PtNDArray) array);
    }

    /** Bytes to be written, which {@link #write} then gives to the array. */
    static ByteBuffer forWriting(NDArray array) {
        return array.getDevice().isGpu()
                ? ByteBuffer.allocateDirect(count(array)).order(ByteOrder.nativeOrder())
                : Storage.of((PtNDArray) array);
    }

    static void write(ByteBuffer bytes, NDArray array) {
        if (array.getDevice().isGpu()) {
            array.set(bytes.rewind());
        }
    }
}
