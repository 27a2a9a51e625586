package ai.djl.pytorch.jni;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls of TorchScript methods with gradients recorded or not, which only classes of this package can make: DJL's public way
 * always runs in inference mode (docs/design.md §8).
 */
public final class TorchScript {
    private TorchScript() {}

    /** Loads a serialized module. */
    public static long load(byte[] archive, Device device) throws IOException {
        return JniUtils.loadModuleHandle(new ByteArrayInputStream(archive), device, false, false);
    }

    public static void unload(long module) {
        PyTorchLibrary.LIB.torchDeleteModule(module);
    }

    /**
     * Runs a method on the calling thread.
     *
     * @param gradients true to record operations on arrays that require gradients
     * @param arguments arrays, lists of arrays, long, double, boolean, or long[]; or a {@link List} of such as a tuple
     * @return all tensors that the method returns, in order, attached to {@code manager}
     */
    public static NDList call(long module, PtNDManager manager, String method, boolean gradients, Object... arguments) {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(gradients);
        // A setting of the thread. Off, as the optimizer would compile again for each shape of image.
        JniUtils.setGraphExecutorOptimize(false);
        List<IValue> created = new ArrayList<>();
        try {
            long[] handles = new long[arguments.length];
            for (int i = 0; i < arguments.length; i++) {
                handles[i] = value(arguments[i], created).getHandle();
            }
            NDList tensors = new NDList();
            try (IValue result = new IValue(PyTorchLibrary.LIB.moduleRunMethod(module, method, handles, true, false))) {
                addTensors(tensors, result, manager);
            }
            return tensors;
        } finally {
            created.forEach(IValue::close);
            JniUtils.setGradMode(before);
        }
    }

    /** Adds the tensors of a result. */
    private static void addTensors(NDList to, IValue result, PtNDManager manager) {
        if (result.isTensor()) {
            to.add(result.toTensor(manager));
        } else if (result.isTuple()) {
            List<IValue> parts = List.of(result.toIValueTuple());
            try {
                parts.forEach(part -> addTensors(to, part, manager));
            } finally {
                parts.forEach(IValue::close);
            }
        } else if (result.isTensorList()) {
            to.addAll(new NDList(result.toTensorArray(manager)));
        } else {
            throw new IllegalArgumentException("a function must return tensors, found " + result.getType());
        }
    }

    /** Converts an argument; the caller closes the values added to {@code created}. */
    private static IValue value(Object argument, List<IValue> created) {
        IValue value = convert(argument, created);
        created.add(value);
        return value;
    }

    private static IValue convert(Object argument, List<IValue> created) {
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
        } else if (argument instanceof List<?> tuple) {
            return IValue.tupleFrom(
                    tuple.stream().map(part -> value(part, created)).toArray(IValue[]::new));
        }
        throw new IllegalArgumentException("TorchScript takes no " + argument.getClass());
    }

    private static PtNDArray own(NDArray array) {
        return (PtNDArray) array;
    }
}
