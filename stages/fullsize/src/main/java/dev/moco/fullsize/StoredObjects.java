package dev.moco.fullsize;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Objects that were written, kept in a folder, from which a later server goes on. */
final class StoredObjects {
    private static final String SUFFIX = ".object";
    private static final int REPLACED = 16;

    private final Path folder;
    private final Bodies bodies;
    private final ConcurrentSkipListMap<String, StoredContent> objects = new ConcurrentSkipListMap<>();
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
    private final AtomicLong files = new AtomicLong();
    /** Files of replaced objects, which a reader may still open. */
    private final Deque<Path> replaced = new ArrayDeque<>();

    private record Upload(String key, ConcurrentSkipListMap<Integer, Part> parts) {}

    StoredObjects(Path folder, ImagePool pool) throws IOException {
        this.folder = Files.createDirectories(folder);
        bodies = new Bodies(pool, folder.resolve("bodies"));
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path file : entries.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(SUFFIX)) {
                    StoredContent object = StoredContent.read(bodies, file);
                    replace(object);
                    files.set(Math.max(files.get(), Long.parseLong(name.replace(SUFFIX, ""))));
                } else if (!name.equals("bodies")) {
                    Files.delete(file); // left by a server that was killed
                }
            }
        }
    }

    @Nullable
    Content get(String key) {
        return objects.get(key);
    }

    /** Objects by key, in order. */
    ConcurrentSkipListMap<String, StoredContent> objects() {
        return objects;
    }

    /** Receives an object or a part of one. */
    TarSplitter receive() throws IOException {
        return new TarSplitter(bodies, folder.resolve(files.incrementAndGet() + ".part"));
    }

    /** Stores an object; returns null if {@code onlyNew} and there is one. */
    @Nullable
    Content put(String key, List<Part> parts, boolean onlyNew) throws IOException {
        Path file = folder.resolve(String.format(Locale.ROOT, "%012d%s", files.incrementAndGet(), SUFFIX));
        Path complete = folder.resolve(file.getFileName() + ".new");
        StoredContent object = StoredContent.join(bodies, key, parts, complete);
        synchronized (this) {
            StoredContent before = objects.get(key);
            if (onlyNew && before != null) {
                Files.delete(complete);
                return null;
            }
            Files.move(complete, file);
            StoredContent moved = object.movedTo(file);
            replace(moved);
            return moved;
        }
    }

    private synchronized void replace(StoredContent object) throws IOException {
        StoredContent before = objects.put(object.key(), object);
        if (before != null) {
            replaced.add(before.file());
            if (replaced.size() > REPLACED) {
                Files.delete(replaced.remove());
            }
        }
    }

    synchronized void delete(String key) throws IOException {
        StoredContent before = objects.remove(key);
        if (before != null) {
            Files.delete(before.file());
        }
    }

    String startUpload(String key) {
        String id = "upload-" + files.incrementAndGet();
        uploads.put(id, new Upload(key, new ConcurrentSkipListMap<>()));
        return id;
    }

    /** Returns whether there is such an upload. */
    boolean putPart(String id, int number, Part part) throws IOException {
        Upload upload = uploads.get(id);
        if (upload == null) {
            Files.delete(part.rest());
            return false;
        }
        Part before = upload.parts().put(number, part);
        if (before != null) {
            Files.delete(before.rest());
        }
        return true;
    }

    /** Parts of an upload by number; null if there is no such upload. */
    @Nullable
    Map<Integer, Part> parts(String id) {
        Upload upload = uploads.get(id);
        return upload == null ? null : upload.parts();
    }

    /** Forgets an upload, whose parts are stored or not wanted any more. */
    void endUpload(String id) {
        Upload upload = uploads.remove(id);
        if (upload != null) {
            upload.parts().values().forEach(part -> {
                try {
                    Files.deleteIfExists(part.rest());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
