package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtNDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An array's own memory. DJL's public way copies whatever is not on the CPU (docs/design.md §8), hence this class in its
 * package.
 */
public final class Storage {
    private Storage() {}

    /**
     * The memory where it lies, not to be used after the array is closed. On a GPU it is an address for libraries, which
     * Java must not read.
     */
    public static ByteBuffer of(PtNDArray array) {
        long bytes = Math.multiplyExact(array.size(), array.getDataType().getNumOfBytes());
        if (bytes > Integer.MAX_VALUE || !PyTorchLibrary.LIB.torchIsContiguous(array.getHandle())) {
            throw new IllegalArgumentException("memory is had of contiguous arrays below 2 GiB, found " + bytes
                    + " bytes of shape " + array.getShape());
        }
        return PyTorchLibrary.LIB.torchDirectByteBuffer(array.getHandle()).order(ByteOrder.nativeOrder());
    }
}
