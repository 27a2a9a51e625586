package dev.moco.training.weights.formats;

import dev.moco.training.weights.ElementType;
import dev.moco.training.weights.StoredTensor;
import dev.moco.training.weights.TypedStorage;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.Global;
import dev.moco.training.weights.pickle.PickleNone;
import dev.moco.training.weights.pickle.PickleRules;
import dev.moco.training.weights.pickle.PickleTuple;
import dev.moco.training.weights.pickle.PickleValues;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Names in pickles of NumPy's arrays, by NumPy 1 and 2, Python 2 and 3. */
final class NumpyRules implements PickleRules {
    private static final Global ENCODE = new Global("_codecs", "encode");
    private static final Global ARRAY = new Global("numpy", "ndarray");
    private static final Global TYPE = new Global("numpy", "dtype");
    private static final Set<Global> RECONSTRUCT = inCore("multiarray", "_reconstruct");
    private static final Set<Global> FROM_BUFFER = inCore("numeric", "_frombuffer");
    private static final Set<Global> NAMES = Stream.of(Set.of(ENCODE, ARRAY, TYPE), RECONSTRUCT, FROM_BUFFER)
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());
    private static final int PROTOCOL = 5;
    /** Protocol 2 has arrays as text of twice their length. */
    private static final int TEXT_BYTES = 64 << 20;

    /** A dtype; {@code order} is set by its state. */
    private static final class Type {
        final ElementType element;

        @Nullable
        ByteOrder order;

        Type(ElementType element) {
            this.element = element;
        }
    }

    /** An array, which gets its numbers by its state. */
    static final class Array {
        private @Nullable StoredTensor tensor;

        @Nullable
        StoredTensor tensor() {
            return tensor;
        }

        private void fill(Object shape, Type type, boolean fortran, Bytes bytes) {
            long[] sizes = PickleValues.wholes(shape, "the shape of an array");
            ByteOrder order = type.order;
            if (order == null && type.element.bytes() > 1) {
                throw new RefusedException(Reason.NUMBER, "an array of " + type.element.id() + " has no byte order");
            }
            TypedStorage storage =
                    TypedStorage.of(type.element, order == null ? ByteOrder.LITTLE_ENDIAN : order, bytes);
            tensor = StoredTensor.of(storage, sizes, fortran);
        }
    }

    private static Set<Global> inCore(String module, String name) {
        return Set.of(new Global("numpy.core." + module, name), new Global("numpy._core." + module, name));
    }

    @Override
    public int protocol() {
        return PROTOCOL;
    }

    @Override
    public int textLength() {
        return TEXT_BYTES;
    }

    @Override
    public Set<Global> names() {
        return NAMES;
    }

    @Override
    public Object persistent(Object id) {
        throw new RefusedException(Reason.PERSISTENT, "there must be no persistent id, found " + PickleValues.type(id));
    }

    @Override
    public Object call(Global function, PickleTuple arguments) throws IOException {
        int count = arguments.size();
        if (function.equals(ENCODE) && count == 2 && arguments.get(0) instanceof String text) {
            if ("latin1".equals(arguments.get(1)) && text.chars().allMatch(c -> c < 256)) {
                return Bytes.of(text.getBytes(StandardCharsets.ISO_8859_1));
            }
        } else if (RECONSTRUCT.contains(function) && count == 3) {
            if (arguments.get(0).equals(ARRAY)
                    && arguments.get(1) instanceof PickleTuple shape
                    && shape.size() == 1
                    && PickleValues.equals(shape.get(0), 0)
                    && PickleValues.isText(arguments.get(2), "b")) {
                return new Array();
            }
        } else if (FROM_BUFFER.contains(function) && count == 4) {
            boolean fortran = PickleValues.isText(arguments.get(3), "F");
            if (arguments.get(0) instanceof Bytes bytes
                    && arguments.get(1) instanceof Type type
                    && (fortran || PickleValues.isText(arguments.get(3), "C"))) {
                Array array = new Array();
                array.fill(arguments.get(2), type, fortran, bytes);
                return array;
            }
        } else if (function.equals(TYPE)
                && count == 3
                && (arguments.get(0) instanceof String || arguments.get(0) instanceof Bytes)
                && PickleValues.equals(arguments.get(1), 0)
                && PickleValues.equals(arguments.get(2), 1)) {
            ElementType element = ElementType.ofNumpy(PickleValues.text(arguments.get(0), "a dtype"))
                    .orElse(null);
            if (element != null) {
                return new Type(element);
            }
        }
        throw new RefusedException(
                Reason.CALL,
                function + " is called with " + count + " arguments of other kinds than arrays of numbers need");
    }

    @Override
    public boolean build(Object target, Object state) throws IOException {
        if (!(state instanceof PickleTuple parts)) {
            return false;
        }
        if (target instanceof Type type && parts.size() == 8) {
            return setOrder(type, parts);
        }
        if (target instanceof Array array
                && array.tensor == null
                && parts.size() == 5
                && PickleValues.equals(parts.get(0), 1)
                && parts.get(2) instanceof Type type
                && parts.get(3) instanceof Boolean fortran
                && parts.get(4) instanceof Bytes bytes) {
            array.fill(parts.get(1), type, fortran, bytes);
            return true;
        }
        return false;
    }

    /** Takes (3, order, None, None, None, -1, -1, 0), the state of a dtype without fields. */
    private static boolean setOrder(Type type, PickleTuple state) throws IOException {
        boolean plain = PickleValues.equals(state.get(0), 3)
                && state.get(2) == PickleNone.NONE
                && state.get(3) == PickleNone.NONE
                && state.get(4) == PickleNone.NONE
                && PickleValues.equals(state.get(5), -1)
                && PickleValues.equals(state.get(6), -1)
                && PickleValues.equals(state.get(7), 0);
        if (!plain) {
            return false;
        }
        if (PickleValues.isText(state.get(1), "<")) {
            type.order = ByteOrder.LITTLE_ENDIAN;
        } else if (PickleValues.isText(state.get(1), ">")) {
            type.order = ByteOrder.BIG_ENDIAN;
        } else {
            return PickleValues.isText(state.get(1), "|");
        }
        return true;
    }
}
