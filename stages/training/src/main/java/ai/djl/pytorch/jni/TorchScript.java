package ai.djl.pytorch.jni;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * What DJL keeps to itself: calling a TorchScript method with gradients recorded. DJL's public way always runs in
 * inference mode (docs/design.md §8), hence this class in its package.
 */
public final class TorchScript {
    private TorchScript() {}

    /** Loads a serialised module. */
    public static long load(byte[] archive, Device device) throws IOException {
        return JniUtils.loadModuleHandle(new ByteArrayInputStream(archive), device, false, false);
    }

    public static void unload(long module) {
        PyTorchLibrary.LIB.torchDeleteModule(module);
    }

    /**
     * Runs a method on the calling thread.
     *
     * @param gradients whether operations on arrays that require gradients are recorded
     * @param arguments arrays, lists of arrays, long, double, boolean, or long[]
     * @return the tensor or the list of tensors that the method returns, attached to {@code manager}
     */
    public static NDList call(long module, PtNDManager manager, String method, boolean gradients, Object... arguments) {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(gradients);
        // Per thread in libtorch; off, as the optimiser would compile anew for each shape of image.
        JniUtils.setGraphExecutorOptimize(false);
        IValue[] values = new IValue[arguments.length];
        try {
            long[] handles = new long[arguments.length];
            for (int i = 0; i < arguments.length; i++) {
                values[i] = value(arguments[i]);
                handles[i] = values[i].getHandle();
            }
            try (IValue result = new IValue(PyTorchLibrary.LIB.moduleRunMethod(module, method, handles, true, false))) {
                return result.isTensor()
                        ? new NDList(result.toTensor(manager))
                        : new NDList(result.toTensorArray(manager));
            }
        } finally {
            Arrays.stream(values).filter(value -> value != null).forEach(IValue::close);
            JniUtils.setGradMode(before);
        }
    }

    private static IValue value(Object argument) {
        if (argument instanceof PtNDArray array) {
            return IValue.from(array);
        } else if (argument instanceof NDList arrays) {
            return IValue.listFrom(arrays.stream().map(TorchScript::own).toArray(PtNDArray[]::new));
        } else if (argument instanceof Integer number) {
            return IValue.from(number.longValue());
        } else if (argument instanceof Long number) {
            return IValue.from(number);
        } else if (argument instanceof Double number) {
            return IValue.from(number);
        } else if (argument instanceof Boolean flag) {
            return IValue.from(flag);
        } else if (argument instanceof long[] numbers) {
            return IValue.listFrom(numbers);
        }
        throw new IllegalArgumentException("TorchScript takes no " + argument.getClass());
    }

    private static PtNDArray own(NDArray array) {
        return (PtNDArray) array;
    }
}
