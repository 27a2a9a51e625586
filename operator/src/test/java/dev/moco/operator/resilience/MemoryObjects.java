package dev.moco.operator.resilience;

import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.Sha256;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Objects of a bucket in memory. */
final class MemoryObjects implements ObjectStore {
    private final Map<String, byte[]> buckets;
    private final String place;

    private MemoryObjects(Map<String, byte[]> buckets, String place) {
        this.buckets = buckets;
        this.place = place;
    }

    /** Opens a bucket among {@code buckets}, whose keys are bucket, prefix and key. */
    static ObjectStore open(Map<String, byte[]> buckets, StoreLocation location) {
        return new MemoryObjects(
                buckets, location.bucket() + "/" + (location.prefix().isEmpty() ? "" : location.prefix() + "/"));
    }

    /** The same store as a process calls it: calls that name an object are counted and may go wrong. */
    static ObjectStore called(ObjectStore store, Calls calls, Calls.Caller caller) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    Calls.Sent<Optional<Object>> request = () -> {
                        try {
                            return Optional.ofNullable(method.invoke(store, arguments));
                        } catch (InvocationTargetException e) {
                            throw sneaky(e.getCause());
                        } catch (IllegalAccessException e) {
                            throw new IllegalStateException(e);
                        }
                    };
                    if (arguments == null) {
                        return request.send().orElse(null);
                    }
                    String what = "S3 " + method.getName() + " " + store.place() + arguments[0];
                    try {
                        return calls.call(caller, what, request, code -> {
                                    throw StageFailure.fault("cannot " + what + ": status " + code);
                                })
                                .orElse(null);
                    } catch (IOException e) {
                        throw StageFailure.fault("cannot " + what + ": " + e.getMessage(), e);
                    }
                });
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
        throw (E) e;
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public synchronized Optional<byte[]> get(String key, int maxBytes) {
        byte[] bytes = buckets.get(place + key);
        if (bytes != null && bytes.length > maxBytes) {
            throw StageFailure.badData(key + " has " + bytes.length + " bytes, allowed are " + maxBytes);
        }
        return Optional.ofNullable(bytes);
    }

    @Override
    public synchronized Optional<Long> size(String key) {
        return Optional.ofNullable(buckets.get(place + key)).map(bytes -> (long) bytes.length);
    }

    private byte[] existing(String key) throws IOException {
        byte[] bytes = buckets.get(place + key);
        if (bytes == null) {
            throw new NoSuchFileException(key);
        }
        return bytes;
    }

    @Override
    public byte[] range(String key, long offset, int length) throws IOException {
        byte[] bytes = existing(key);
        int from = (int) Math.min(offset, bytes.length);
        return Arrays.copyOfRange(bytes, from, Math.min(from + length, bytes.length));
    }

    @Override
    public InputStream open(String key) throws IOException {
        return new ByteArrayInputStream(existing(key));
    }

    @Override
    public synchronized void put(String key, byte[] bytes) {
        buckets.put(place + key, bytes);
    }

    @Override
    public synchronized boolean putIfAbsent(String key, byte[] bytes) {
        return buckets.putIfAbsent(place + key, bytes) == null;
    }

    @Override
    public void upload(String key, Path file) throws IOException {
        put(key, Files.readAllBytes(file));
    }

    @Override
    public void list(String prefix, Consumer<StoredObject> each) {
        new TreeMap<>(buckets).forEach((key, bytes) -> {
            if (key.startsWith(place + prefix)) {
                each.accept(
                        new StoredObject(key.substring(place.length()), bytes.length, Sha256.of(bytes), Instant.EPOCH));
            }
        });
    }

    @Override
    public void delete(String key) {
        buckets.remove(place + key);
    }

    @Override
    public void close() {}
}
