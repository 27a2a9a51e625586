package dev.moco.training.weights.formats;

import dev.moco.training.weights.ElementType;
import dev.moco.training.weights.StoredTensor;
import dev.moco.training.weights.TypedStorage;
import dev.moco.training.weights.input.ByteReader;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.PickleList;
import dev.moco.training.weights.pickle.PickleReader;
import dev.moco.training.weights.pickle.PickleTuple;
import dev.moco.training.weights.pickle.PickleValues;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * Files of {@code torch.save} before PyTorch 0.1.10, as torchvision's first ResNets are: a tar of storages, tensors over
 * them, and a pickle that names the tensors by number.
 */
final class TorchTar {
    private static final int RECORDS = 10_000;

    private final Map<Object, TypedStorage> storages = new HashMap<>();
    private final Map<Object, StoredTensor> tensors = new HashMap<>();

    private TorchTar() {}

    static Object read(Bytes file) throws IOException {
        Map<String, Bytes> members = UstarMembers.of(file);
        TorchTar tar = new TorchTar();
        tar.readStorages(new ByteReader(member(members, "storages")));
        tar.readTensors(new ByteReader(member(members, "tensors")));
        return PickleReader.read(new ByteReader(member(members, "pickle")), TorchRules.tensors(tar::tensor));
    }

    private static Bytes member(Map<String, Bytes> members, String name) {
        Bytes member = members.get(name);
        if (member == null) {
            throw new RefusedException(Reason.TAR, "member " + name + " is missing");
        }
        return member;
    }

    private void readStorages(ByteReader in) throws IOException {
        long count = count(in, "storages");
        for (long i = 0; i < count; i++) {
            PickleTuple record = record(in, TorchRules.storageTypes());
            Object key = key(record.get(0));
            PickleValues.text(record.get(1), "a location");
            ElementType type = TorchRules.storageType(record.get(2));
            long elements =
                    PickleValues.whole(in.whole8("a storage"), "the size of a storage", Storages.BYTES / type.bytes());
            Bytes bytes = in.span(elements * type.bytes(), "storage " + key);
            if (storages.put(key, TypedStorage.of(type, ByteOrder.LITTLE_ENDIAN, bytes)) != null) {
                throw new RefusedException(Reason.STORAGE, "storage " + key + " is there twice");
            }
        }
        if (!(PickleReader.read(in, TorchRules.plain()) instanceof PickleList views)
                || !views.values().isEmpty()) {
            throw new RefusedException(Reason.PERSISTENT, "there are views into storages");
        }
    }

    private void readTensors(ByteReader in) throws IOException {
        long count = count(in, "tensors");
        for (long i = 0; i < count; i++) {
            PickleTuple record = record(in, TorchRules.tensorTypes());
            Object key = key(record.get(0));
            int dimensions = in.whole4("a tensor");
            in.whole4("a tensor");
            if (dimensions < 0 || dimensions > PickleValues.DIMENSIONS) {
                throw new RefusedException(
                        Reason.DIMS,
                        "tensor " + key + " must have at most " + PickleValues.DIMENSIONS + " dimensions, found "
                                + dimensions);
            }
            long[] shape = wholes(in, dimensions, "the size of tensor " + key);
            long[] strides = wholes(in, dimensions, "the stride of tensor " + key);
            long offset = wholes(in, 1, "the offset of tensor " + key)[0];
            TypedStorage storage = storages.get(key(record.get(1)));
            if (storage == null) {
                throw new RefusedException(Reason.STORAGE, "tensor " + key + " is over a storage that is not there");
            }
            if (tensors.put(key, StoredTensor.view(storage, offset, shape, strides)) != null) {
                throw new RefusedException(Reason.DUPLICATE, "tensor " + key + " is there twice");
            }
        }
    }

    private static long count(ByteReader in, String what) throws IOException {
        return PickleValues.whole(PickleReader.read(in, TorchRules.plain()), "the number of " + what, RECORDS);
    }

    private static PickleTuple record(ByteReader in, TorchRules rules) throws IOException {
        Object record = PickleReader.read(in, rules);
        if (!(record instanceof PickleTuple parts) || parts.size() != 3) {
            throw new RefusedException(
                    Reason.TYPE, "a record must be a tuple of three, found " + PickleValues.type(record));
        }
        return parts;
    }

    private static long[] wholes(ByteReader in, int count, String what) throws IOException {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = PickleValues.whole(in.whole8(what), what, PickleValues.LARGEST);
        }
        return values;
    }

    /** A number, or its digits as text. */
    private static Object key(Object value) throws IOException {
        if (value instanceof Long || value instanceof BigInteger) {
            return value;
        }
        String text = PickleValues.text(value, "a key");
        if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new RefusedException(
                    Reason.PERSISTENT, "a key must be a number, found " + RefusedException.shown(text));
        }
        return Long.parseLong(text);
    }

    private Object tensor(Object id) throws IOException {
        StoredTensor found = tensors.get(key(id));
        if (found == null) {
            throw new RefusedException(Reason.PERSISTENT, "tensor " + key(id) + " is not in the file");
        }
        return found;
    }
}
