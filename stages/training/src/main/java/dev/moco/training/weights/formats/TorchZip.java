package dev.moco.training.weights.formats;

import dev.moco.training.weights.TypedStorage;
import dev.moco.training.weights.input.ByteReader;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.PickleReader;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Files of {@code torch.save} since PyTorch 1.6: an archive with a pickle and a record for each storage. */
final class TorchZip {
    private static final long PICKLE_BYTES = 16 << 20;
    private static final int ORDER_BYTES = 20;

    private final ZipArchive archive;
    private final String root;

    private TorchZip(ZipArchive archive, String root) {
        this.archive = archive;
        this.root = root;
    }

    static Object read(Bytes file) throws IOException {
        ZipArchive archive = ZipArchive.open(file, true);
        Set<String> roots = archive.names().stream()
                .map(name -> name.substring(0, name.indexOf('/') + 1))
                .collect(Collectors.toSet());
        if (roots.size() != 1) {
            throw new RefusedException(Reason.ZIP_ROOT, "the archive must have one folder, found " + roots.size());
        }
        return new TorchZip(archive, roots.iterator().next()).read();
    }

    private Object read() throws IOException {
        if (archive.entry(root + "constants.pkl") != null) {
            throw new RefusedException(Reason.TORCHSCRIPT, "it is a TorchScript program, not weights");
        }
        ZipEntryRecord pickle = archive.entry(root + "data.pkl");
        if (pickle == null) {
            throw new RefusedException(Reason.ZIP, "the archive has no data.pkl");
        }
        if (pickle.size() > PICKLE_BYTES) {
            throw ZipEntryRecord.refused(
                    Reason.LENGTH,
                    pickle.name(),
                    "must have at most " + PICKLE_BYTES + " bytes, found " + pickle.size());
        }
        Storages storages = new Storages(false, byteOrder());
        ByteReader in = new ByteReader(ZipContent.of(pickle));
        Object value = PickleReader.read(in, TorchRules.object(storages));
        if (in.remaining() > 0) {
            throw ZipEntryRecord.refused(Reason.TRAILING, pickle.name(), "has bytes after the pickle");
        }
        for (Map.Entry<String, TypedStorage> storage : storages.byKey().entrySet()) {
            fill(storage.getKey(), storage.getValue());
        }
        return value;
    }

    /** Byte order of the storages; PyTorch before 2.1 did not state it. */
    private ByteOrder byteOrder() throws IOException {
        ZipEntryRecord record = archive.entry(root + "byteorder");
        if (record == null) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        Bytes content = ZipContent.of(record);
        int length = (int) Math.min(ORDER_BYTES, content.length());
        String order = new String(content.read(0, length, record.name()), StandardCharsets.ISO_8859_1);
        return switch (order) {
            case "little" -> ByteOrder.LITTLE_ENDIAN;
            case "big" -> ByteOrder.BIG_ENDIAN;
            default ->
                throw ZipEntryRecord.refused(
                        Reason.BYTEORDER,
                        record.name(),
                        "must say little or big, found " + RefusedException.shown(order));
        };
    }

    private void fill(String key, TypedStorage storage) throws IOException {
        ZipEntryRecord record = archive.entry(root + "data/" + key);
        if (record == null) {
            throw new RefusedException(Reason.STORAGE, "storage " + key + " has no record in the archive");
        }
        if (record.size() != storage.length()) {
            throw new RefusedException(
                    Reason.STORAGE,
                    "storage " + key + " must have " + storage.length() + " bytes, its record has " + record.size());
        }
        storage.fill(ZipContent.of(record));
    }
}
