package dev.moco.training.weights.formats;

import dev.moco.training.weights.TypedStorage;
import dev.moco.training.weights.input.ByteReader;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.PickleList;
import dev.moco.training.weights.pickle.PickleMap;
import dev.moco.training.weights.pickle.PickleReader;
import dev.moco.training.weights.pickle.PickleValues;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteOrder;

/**
 * Files of {@code torch.save} before PyTorch 1.6, as MoCo's released checkpoints are: five pickles (a magic number, a
 * version, the machine, the object, the keys of the storages), then each storage's count and numbers.
 */
final class TorchLegacy {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long VERSION = 1001;

    private TorchLegacy() {}

    static Object read(Bytes file) throws IOException {
        ByteReader in = new ByteReader(file);
        if (!MAGIC.equals(PickleReader.read(in, TorchRules.plain()))) {
            throw new RefusedException(
                    Reason.FORMAT, "it is a pickle that torch.save did not write: its magic number is another");
        }
        Object version = PickleReader.read(in, TorchRules.plain());
        if (!PickleValues.equals(version, VERSION)) {
            throw new RefusedException(Reason.FORMAT, "the version must be " + VERSION);
        }
        if (!(PickleReader.read(in, TorchRules.plain()) instanceof PickleMap machine)
                || !Boolean.TRUE.equals(machine.get("little_endian"))) {
            throw new RefusedException(
                    Reason.BYTEORDER, "the file must be of a little-endian machine, and says that it is not");
        }
        Storages storages = new Storages(true, ByteOrder.LITTLE_ENDIAN);
        Object value = PickleReader.read(in, TorchRules.object(storages));
        Object keys = PickleReader.read(in, TorchRules.plain());
        int named = storages.byKey().size();
        if (!(keys instanceof PickleList list) || list.values().size() != named) {
            throw new RefusedException(
                    Reason.STORAGE, "the list of storages must have the " + named + " that the object names");
        }
        for (Object key : list.values()) {
            fill(in, PickleValues.text(key, "a storage key"), storages);
        }
        if (in.remaining() > 0) {
            throw new RefusedException(Reason.TRAILING, "bytes follow the last storage");
        }
        return value;
    }

    private static void fill(ByteReader in, String key, Storages storages) throws IOException {
        TypedStorage storage = storages.byKey().get(key);
        if (storage == null || storage.isFilled()) {
            throw new RefusedException(
                    Reason.STORAGE,
                    "storage " + RefusedException.shown(key)
                            + (storage == null ? " is in the list, but no tensor names it" : " is in the list twice"));
        }
        long count = in.remaining() < Long.BYTES ? -1 : in.whole8("a count");
        if (count != storage.elements()) {
            throw new RefusedException(
                    Reason.STORAGE,
                    "storage " + key + " must have " + storage.elements() + " elements, the file says " + count);
        }
        storage.fill(in.span(storage.length(), "storage " + key));
    }
}
