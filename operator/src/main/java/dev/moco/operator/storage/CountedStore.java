package dev.moco.operator.storage;

import dev.moco.artifacts.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Objects of another store; every request is reported before it is made, an upload as one. */
record CountedStore(ObjectStore objects, Consumer<String> request) implements ObjectStore {
    /** Objects that S3 lists in one response. */
    private static final int PAGE = 1000;

    @Override
    public String place() {
        return objects.place();
    }

    @Override
    public Optional<byte[]> get(String key, int maxBytes) throws IOException {
        request.accept("get");
        return objects.get(key, maxBytes);
    }

    @Override
    public Optional<Long> size(String key) throws IOException {
        request.accept("head");
        return objects.size(key);
    }

    @Override
    public byte[] range(String key, long offset, int length) throws IOException {
        request.accept("get");
        return objects.range(key, offset, length);
    }

    @Override
    public InputStream open(String key) throws IOException {
        request.accept("get");
        return objects.open(key);
    }

    @Override
    public InputStream openUnchecked(String key) throws IOException {
        request.accept("get");
        return objects.openUnchecked(key);
    }

    @Override
    public void put(String key, byte[] bytes) throws IOException {
        request.accept("put");
        objects.put(key, bytes);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) throws IOException {
        request.accept("put");
        return objects.putIfAbsent(key, bytes);
    }

    @Override
    public void upload(String key, Path file) throws IOException {
        request.accept("put");
        objects.upload(key, file);
    }

    @Override
    public void list(String prefix, Consumer<StoredObject> each) throws IOException {
        AtomicLong listed = new AtomicLong();
        request.accept("list");
        objects.list(prefix, object -> {
            if (listed.incrementAndGet() % PAGE == 0) {
                request.accept("list");
            }
            each.accept(object);
        });
    }

    @Override
    public void delete(String key) throws IOException {
        request.accept("delete");
        objects.delete(key);
    }

    @Override
    public void close() {
        objects.close();
    }
}
