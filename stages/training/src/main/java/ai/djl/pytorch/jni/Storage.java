package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtNDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Direct access to the memory of arrays, which only classes of this package have: DJL's public way copies everything that is
 * not on the CPU (docs/design.md §8).
 */
public final class Storage {
    private Storage() {}

    /**
     * Returns the memory of an array, which must not be used after the array is closed. On a GPU it is an address for
     * libraries, which Java must not read.
     */
    public static ByteBuffer of(PtNDArray array) {
        long bytes = Math.multiplyExact(array.size(), array.getDataType().getNumOfBytes());
        if (bytes > Integer.MAX_VALUE || !PyTorchLibrary.LIB.torchIsContiguous(array.getHandle())) {
            throw new IllegalArgumentException("direct access needs a contiguous array below 2 GiB, found " + bytes
                    + " bytes of shape " + array.getShape());
        }
        return PyTorchLibrary.LIB.torchDirectByteBuffer(array.getHandle()).order(ByteOrder.nativeOrder());
    }
}
