package dev.moco.fullsize;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Distinct image bodies, each kept once, in memory and, those that are not of the pool, in a file. */
final class Bodies {
    /** Most bytes of bodies that are not of the pool. */
    private static final long MAX_BYTES = 512L << 20;

    private final Path file;
    private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
    /** Numbers of the bodies by checksum and length. */
    private final Map<Long, List<Integer>> numbers = new ConcurrentHashMap<>();

    private long added;

    /** @param file bodies that were added before, if it exists */
    Bodies(ImagePool pool, Path file) throws IOException {
        this.file = file;
        for (ImagePool.Image image : pool.images()) {
            byte[] body = image.content().bytes();
            put(hash(body, body.length), body);
        }
        if (Files.exists(file)) {
            read();
        }
    }

    private void read() throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            while (true) {
                byte[] body = new byte[in.readInt()];
                in.readFully(body);
                put(hash(body, body.length), body);
                added += body.length;
            }
        } catch (EOFException e) {
            // The end of the file, perhaps within a body, which no object has then.
        }
    }

    byte[] get(int number) {
        return bodies.get(number);
    }

    /** Number of a body, which is added if there is none of its bytes. */
    int number(byte[] buffer, int length) throws IOException {
        long hash = hash(buffer, length);
        int found = find(hash, buffer, length);
        return found >= 0 ? found : add(hash, buffer, length);
    }

    private int find(long hash, byte[] buffer, int length) {
        for (int number : numbers.getOrDefault(hash, List.of())) {
            byte[] body = bodies.get(number);
            if (Arrays.equals(body, 0, body.length, buffer, 0, length)) {
                return number;
            }
        }
        return -1;
    }

    private synchronized int add(long hash, byte[] buffer, int length) throws IOException {
        int found = find(hash, buffer, length);
        if (found >= 0) {
            return found;
        }
        added += length;
        if (added > MAX_BYTES) {
            throw new IOException("more than " + MAX_BYTES + " bytes of images that are not of the data sets served");
        }
        byte[] body = Arrays.copyOf(buffer, length);
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                DataOutputStream data = new DataOutputStream(out)) {
            data.writeInt(length);
            data.write(body);
        }
        return put(hash, body);
    }

    private int put(long hash, byte[] body) {
        bodies.add(body);
        int number = bodies.size() - 1;
        numbers.computeIfAbsent(hash, unused -> new CopyOnWriteArrayList<>()).add(number);
        return number;
    }

    private static long hash(byte[] buffer, int length) {
        return Content.crc32c(buffer, 0, length) << 32 | length;
    }
}
