package dev.moco.training.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.Storage;
import java.nio.FloatBuffer;
import java.util.function.Consumer;

/**
 * Arrays whose numbers are written directly to their memory, since a copy would need as much memory again. libtorch aligns all
 * of them, so that sums do not depend on the origin of the numbers.
 */
public final class FloatArrays {
    private FloatArrays() {}

    /** Creates a float32 array on the manager's device, with the numbers that {@code content} writes. */
    public static NDArray of(NDManager manager, Shape shape, Consumer<FloatBuffer> content) {
        Device device = manager.getDevice();
        if (!device.isGpu()) {
            return written(manager, shape, content);
        }
        try (NDManager host = manager.newSubManager(Device.cpu())) {
            NDArray array = written(host, shape, content).toDevice(device, true);
            array.attach(manager);
            return array;
        }
    }

    private static NDArray written(NDManager manager, Shape shape, Consumer<FloatBuffer> content) {
        NDArray array = manager.create(shape, DataType.FLOAT32);
        content.accept(Storage.of((PtNDArray) array).asFloatBuffer());
        return array;
    }
}
