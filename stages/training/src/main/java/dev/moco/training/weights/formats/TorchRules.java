package dev.moco.training.weights.formats;

import dev.moco.training.weights.ElementType;
import dev.moco.training.weights.StoredTensor;
import dev.moco.training.weights.TypedStorage;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.Global;
import dev.moco.training.weights.pickle.PickleMap;
import dev.moco.training.weights.pickle.PickleNone;
import dev.moco.training.weights.pickle.PickleRules;
import dev.moco.training.weights.pickle.PickleTuple;
import dev.moco.training.weights.pickle.PickleValues;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Names in PyTorch's pickles: state dicts of tensors and parameters over storages of numbers. */
final class TorchRules implements PickleRules {
    private static final String UTILITIES = "torch._utils";
    private static final Global TENSOR_1 = new Global(UTILITIES, "_rebuild_tensor");
    private static final Global TENSOR = new Global(UTILITIES, "_rebuild_tensor_v2");
    private static final Global PARAMETER = new Global(UTILITIES, "_rebuild_parameter");
    private static final Set<Global> TENSORS = ofEachType("Tensor");
    private static final Set<Global> STORAGES = ofEachType("Storage");
    private static final Set<Global> OBJECT = object();
    private static final int TEXT_BYTES = 1 << 16;
    private static final int PROTOCOL = 4;

    /** Value of a persistent id. */
    interface Persistent {
        Object of(Object id) throws IOException;
    }

    private final Set<Global> names;
    private final Persistent persistent;

    private TorchRules(Set<Global> names, Persistent persistent) {
        this.names = names;
        this.persistent = persistent;
    }

    /** Rules of numbers, text, lists and maps alone. */
    static TorchRules plain() {
        return new TorchRules(Set.of(), TorchRules::refuse);
    }

    /** Rules of the saved object, with storages. */
    static TorchRules object(Storages storages) {
        return new TorchRules(OBJECT, storages::of);
    }

    /** Rules of the object of the tar format, whose persistent ids are tensors. */
    static TorchRules tensors(Persistent tensors) {
        return new TorchRules(Set.of(Global.ORDERED_DICT), tensors);
    }

    /** Rules of the records of storages of the tar format. */
    static TorchRules storageTypes() {
        return new TorchRules(STORAGES, TorchRules::refuse);
    }

    /** Rules of the records of tensors of the tar format. */
    static TorchRules tensorTypes() {
        return new TorchRules(TENSORS, TorchRules::refuse);
    }

    private static Object refuse(Object id) {
        throw new RefusedException(Reason.PERSISTENT, "there must be no persistent id, found " + PickleValues.type(id));
    }

    private static Set<Global> ofEachType(String suffix) {
        return Arrays.stream(ElementType.values())
                .map(type -> new Global("torch", type.torch() + suffix))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Set<Global> object() {
        Set<Global> names = new HashSet<>(STORAGES);
        names.addAll(List.of(Global.ORDERED_DICT, TENSOR_1, TENSOR, PARAMETER));
        return Set.copyOf(names);
    }

    /** Type of the numbers of a storage class. */
    static ElementType storageType(Object value) {
        return Arrays.stream(ElementType.values())
                .filter(type -> new Global("torch", type.torch() + "Storage").equals(value))
                .findFirst()
                .orElseThrow(() -> new RefusedException(
                        Reason.DTYPE, "a storage must have a type of PyTorch, found " + PickleValues.type(value)));
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
        return names;
    }

    @Override
    public Object persistent(Object id) throws IOException {
        return persistent.of(id);
    }

    @Override
    public boolean build(Object target, Object state) {
        return false;
    }

    @Override
    public Object call(Global function, PickleTuple arguments) {
        int count = arguments.size();
        if (function.equals(TENSOR_1) && count == 4) {
            return view(arguments);
        } else if (function.equals(TENSOR) && (count == 6 || count == 7)) {
            if (!(arguments.get(4) instanceof Boolean) || !isEmptyMap(arguments.get(5))) {
                throw new RefusedException(Reason.CALL, "a tensor has hooks");
            }
            if (count == 7 && !isEmpty(arguments.get(6))) {
                throw new RefusedException(Reason.CALL, "a tensor has metadata, as conjugated and negated views have");
            }
            return view(arguments);
        } else if (function.equals(PARAMETER) && count == 3) {
            if (!(arguments.get(0) instanceof StoredTensor tensor)
                    || !(arguments.get(1) instanceof Boolean)
                    || !isEmpty(arguments.get(2))) {
                throw new RefusedException(Reason.CALL, "a parameter has hooks, or is no tensor");
            }
            return tensor;
        }
        throw new RefusedException(
                Reason.CALL, function + " is called with " + count + " arguments of other kinds than weights need");
    }

    private static boolean isEmptyMap(Object value) {
        return value == PickleNone.NONE
                || (value instanceof PickleMap map
                        && map.ordered()
                        && map.entries().isEmpty());
    }

    private static boolean isEmpty(Object value) {
        return value == PickleNone.NONE
                || (value instanceof PickleMap map && map.entries().isEmpty());
    }

    /** A tensor of (storage, offset, size, stride, ...). */
    private static StoredTensor view(PickleTuple arguments) {
        if (!(arguments.get(0) instanceof TypedStorage storage)) {
            throw new RefusedException(
                    Reason.TYPE, "a tensor must be over a storage, found " + PickleValues.type(arguments.get(0)));
        }
        long offset = PickleValues.whole(arguments.get(1), "the offset of a tensor", PickleValues.LARGEST);
        return StoredTensor.view(
                storage,
                offset,
                PickleValues.wholes(arguments.get(2), "the size of a tensor"),
                PickleValues.wholes(arguments.get(3), "the stride of a tensor"));
    }
}
