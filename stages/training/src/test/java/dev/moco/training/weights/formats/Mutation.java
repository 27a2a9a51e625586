package dev.moco.training.weights.formats;

import dev.moco.training.weights.input.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** Random changes of a file. In archives also of one entry, whose checksum is made right, so that they reach the content. */
final class Mutation {
    /** Opcodes and parts of numbers on which a reader depends. */
    private static final int[] TELLING = {
        0, 1, 2, 0x7f, 0x80, 0xff, '(', ')', '.', '0', 'Q', 'R', 'T', 'X', ']', 'a', 'b', 'c', 'e', 'h', 'i', 'j', 'o',
        'q', 'r', 's', 't', 'u', '}', 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x93, 0x94, 0x95, 0x96
    };

    private final SplittableRandom random;

    Mutation(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** A changed copy. */
    byte[] of(byte[] file) throws IOException {
        boolean archive = file[0] == 'P' && file[1] == 'K';
        return archive && random.nextInt(4) > 0 ? ofEntry(file) : ofBytes(file);
    }

    private byte[] ofEntry(byte[] file) throws IOException {
        ZipArchive archive = ZipArchive.open(Bytes.of(file), false);
        Map<String, byte[]> contents = new LinkedHashMap<>();
        for (String name : archive.names()) {
            Bytes content = ZipContent.of(Objects.requireNonNull(archive.entry(name)));
            contents.put(name, content.read(0, (int) content.length(), name));
        }
        String[] names = contents.keySet().toArray(String[]::new);
        String pickle = names[0];
        String changed = random.nextBoolean() ? pickle : names[random.nextInt(names.length)];
        contents.computeIfPresent(changed, (name, content) -> ofBytes(content));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipWriter zip = new ZipWriter(out)) {
            for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
                zip.add(entry.getKey(), to -> to.write(entry.getValue()));
            }
        }
        return out.toByteArray();
    }

    private byte[] ofBytes(byte[] original) {
        byte[] bytes = original;
        for (int changes = 1 + random.nextInt(3); changes > 0 && bytes.length > 0; changes--) {
            bytes = changed(bytes);
        }
        return bytes;
    }

    private byte[] changed(byte[] bytes) {
        int at = place(bytes.length);
        switch (random.nextInt(7)) {
            case 0 -> {
                return with(bytes, at, (byte) (bytes[at] ^ 1 << random.nextInt(8)));
            }
            case 1 -> {
                return with(bytes, at, (byte) random.nextInt(256));
            }
            case 2, 3 -> {
                return with(bytes, at, (byte) TELLING[random.nextInt(TELLING.length)]);
            }
            case 4 -> {
                // A length or an index of four bytes.
                byte[] copy = bytes.clone();
                byte value = (byte) (random.nextBoolean() ? 0xff : random.nextInt(256));
                for (int i = at; i < Math.min(at + 4, copy.length); i++) {
                    copy[i] = value;
                }
                return copy;
            }
            case 5 -> {
                return spliced(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(64)), 0);
            }
            default -> {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(64));
                return spliced(bytes, at, at, end - at);
            }
        }
    }

    /** Positions near the start, where the structure is, are as likely as all others. */
    private int place(int length) {
        return random.nextInt(random.nextBoolean() ? length : Math.min(length, 2048));
    }

    private static byte[] with(byte[] bytes, int at, byte value) {
        byte[] copy = bytes.clone();
        copy[at] = value;
        return copy;
    }

    /** Removes the bytes from one position to another, and repeats as many from there. */
    private static byte[] spliced(byte[] bytes, int from, int to, int repeated) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + repeated);
        out.write(bytes, 0, from);
        out.write(bytes, from, repeated);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
