package dev.moco.fullsize;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** A written object: places and numbers of its images in memory, all other bytes deflated in a file. */
final class StoredContent implements Content {
    private final Bodies bodies;
    private final String key;
    private final long size;
    private final String etag;
    private final PlacedImages images;
    private final Path file;
    /** Bytes of the file before the deflated ones. */
    private final long head;

    private StoredContent(
            Bodies bodies, String key, long size, String etag, PlacedImages images, Path file, long head) {
        this.bodies = bodies;
        this.key = key;
        this.size = size;
        this.etag = etag;
        this.images = images;
        this.file = file;
        this.head = head;
    }

    /** The same object, after its file was moved. */
    StoredContent movedTo(Path target) {
        return new StoredContent(bodies, key, size, etag, images, target, head);
    }

    String key() {
        return key;
    }

    Path file() {
        return file;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public String etag() {
        return etag;
    }

    /** Joins the parts of an object, whose files are deleted. */
    static StoredContent join(Bodies bodies, String key, List<Part> parts, Path file) throws IOException {
        PlacedImages images = new PlacedImages();
        Path rest = file.resolveSibling(file.getFileName() + ".rest");
        long size = 0;
        long etag = parts.size();
        try (OutputStream out = TarSplitter.deflated(rest)) {
            Part before = null;
            for (Part part : parts) {
                try (InputStream in = inflated(part.rest(), 0)) {
                    if (before != null) {
                        joinImage(bodies, before, part, in, size, images, out);
                    }
                    in.transferTo(out);
                }
                Files.delete(part.rest());
                images.addAll(part.images(), size);
                size += part.size();
                etag = etag * 31 + part.etag().hashCode();
                before = part;
            }
            if (before != null) {
                out.write(before.tail().bytes());
            }
        }
        images.trim();
        String digits = parts.size() == 1 ? parts.get(0).etag() : Content.etag(etag, size);
        long head = write(key, size, digits, images, rest, file);
        Files.delete(rest);
        return new StoredContent(bodies, key, size, digits, images, file, head);
    }

    /** Puts together the image that begins in one part and ends in the next. */
    private static void joinImage(
            Bodies bodies, Part before, Part part, InputStream in, long offset, PlacedImages images, OutputStream out)
            throws IOException {
        byte[] tail = before.tail().bytes();
        int missing = before.tailSize() - tail.length;
        long raw = part.images().count() > 0
                ? part.images().start(0)
                : part.size() - part.tail().size();
        if (before.tailSize() > 0 && raw >= missing) {
            byte[] image = Arrays.copyOf(tail, before.tailSize());
            in.readNBytes(image, tail.length, missing);
            images.add(offset - tail.length, bodies.number(image, image.length));
        } else {
            out.write(tail);
        }
    }

    private static long write(String key, long size, String etag, PlacedImages images, Path rest, Path file)
            throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            out.writeUTF(key);
            out.writeLong(size);
            out.writeUTF(etag);
            out.writeInt(images.count());
            for (int i = 0; i < images.count(); i++) {
                out.writeLong(images.start(i));
                out.writeInt(images.number(i));
            }
            int head = out.size();
            Files.copy(rest, out);
            return head;
        }
    }

    /** Reads what {@link #join} wrote. */
    static StoredContent read(Bodies bodies, Path file) throws IOException {
        try (InputStream whole = Files.newInputStream(file);
                DataInputStream in = new DataInputStream(new BufferedInputStream(whole))) {
            String key = in.readUTF();
            long size = in.readLong();
            String etag = in.readUTF();
            PlacedImages images = new PlacedImages();
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                images.add(in.readLong(), in.readInt());
            }
            images.trim();
            long head = 2L + key.getBytes(StandardCharsets.UTF_8).length + 8 + 2 + etag.length() + 4 + 12L * count;
            return new StoredContent(bodies, key, size, etag, images, file, head);
        }
    }

    private static InputStream inflated(Path file, long head) throws IOException {
        InputStream in = Files.newInputStream(file);
        in.skipNBytes(head);
        return new InflaterInputStream(in, new Inflater(), 1 << 13) {
            @Override
            public void close() throws IOException {
                super.close();
                inf.end();
            }
        };
    }

    @Override
    public void write(long from, long count, OutputStream out) throws IOException {
        int image = images.at(from);
        if (image >= 0) {
            byte[] body = bodies.get(images.number(image));
            long start = images.start(image);
            if (from + count <= start + body.length) {
                out.write(body, (int) (from - start), (int) count);
                return;
            }
        }
        try (InputStream rest = inflated(file, head)) {
            write(from, from + count, rest, out);
        }
    }

    /** Goes through all images, and what lies before each and behind the last. */
    private void write(long from, long end, InputStream rest, OutputStream out) throws IOException {
        long at = 0;
        for (int i = 0; i <= images.count() && at < end; i++) {
            long start = i < images.count() ? images.start(i) : size;
            long skipped = Math.max(0, Math.min(start, from) - at);
            rest.skipNBytes(skipped);
            copy(rest, Math.max(0, Math.min(start, end) - at - skipped), out);
            at = start;
            if (i < images.count()) {
                byte[] body = bodies.get(images.number(i));
                long first = Math.max(from, start);
                long last = Math.min(end, start + body.length);
                if (first < last) {
                    out.write(body, (int) (first - start), (int) (last - first));
                }
                at += body.length;
            }
        }
    }

    private static void copy(InputStream in, long count, OutputStream out) throws IOException {
        byte[] buffer = new byte[1 << 13];
        long left = count;
        while (left > 0) {
            int read = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, left));
            if (read == 0) {
                throw new IOException("an object's file ends too early");
            }
            out.write(buffer, 0, read);
            left -= read;
        }
    }
}
