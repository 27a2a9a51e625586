package dev.moco.training.weights.formats;

import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Content of an entry whose checksum is right; a deflated one is inflated when it is first needed. */
final class ZipContent {
    private ZipContent() {}

    /** Gets the content piece by piece. */
    private interface Pieces {
        void accept(byte[] bytes, int count);
    }

    /**
     * Reads through an entry once, and compares size and checksum.
     *
     * @throws RefusedException if its content is not what the directory states
     */
    static Bytes of(ZipEntryRecord entry) throws IOException {
        CRC32 crc = new CRC32();
        read(entry, (bytes, count) -> crc.update(bytes, 0, count));
        if (crc.getValue() != entry.crc()) {
            throw ZipEntryRecord.refused(Reason.ZIP_CRC, entry.name(), "has another checksum than the directory says");
        }
        return entry.method() == ZipEntryRecord.STORED
                ? entry.data()
                : Bytes.later(entry.size(), () -> inflated(entry));
    }

    /** The content, which was read through before, so that its size is no mere statement. */
    private static byte[] inflated(ZipEntryRecord entry) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(entry.size()));
        read(entry, (bytes, count) -> content.put(bytes, 0, count));
        return content.array();
    }

    private static void read(ZipEntryRecord entry, Pieces pieces) throws IOException {
        if (entry.method() == ZipEntryRecord.STORED) {
            ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(Bytes.CHUNK, entry.size()));
            for (long at = 0; at < entry.size(); at += chunk.limit()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), entry.size() - at));
                entry.data().fill(at, chunk, "entry " + entry.name());
                pieces.accept(chunk.array(), chunk.limit());
            }
            return;
        }
        Inflater inflater = new Inflater(true);
        try {
            inflate(entry, inflater, pieces);
        } catch (DataFormatException e) {
            throw ZipEntryRecord.refused(Reason.ZIP_SIZE, entry.name(), "cannot be inflated");
        } finally {
            inflater.end();
        }
    }

    private static void inflate(ZipEntryRecord entry, Inflater inflater, Pieces pieces)
            throws IOException, DataFormatException {
        byte[] piece = new byte[Bytes.CHUNK];
        long packed = entry.data().length();
        long read = 0;
        long inflated = 0;
        while (!inflater.finished()) {
            int count = inflater.inflate(piece);
            inflated += count;
            if (inflated > entry.size()) {
                break;
            }
            pieces.accept(piece, count);
            if (count == 0 && !inflater.finished()) {
                if (inflater.needsDictionary() || read == packed) {
                    break;
                }
                int next = (int) Math.min(Bytes.CHUNK, packed - read);
                inflater.setInput(entry.data().read(read, next, "entry " + entry.name()));
                read += next;
            }
        }
        if (!inflater.finished() || inflated != entry.size()) {
            throw ZipEntryRecord.refused(
                    Reason.ZIP_SIZE, entry.name(), "must have " + entry.size() + " bytes, found " + inflated);
        }
    }
}
