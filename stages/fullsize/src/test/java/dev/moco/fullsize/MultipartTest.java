package dev.moco.fullsize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects that are written in parts, without the server. */
class MultipartTest {
    @TempDir
    Path folder;

    private final ImagePool pool = ImagePool.small();

    private byte[] tar(int images) throws IOException {
        Map<String, Content> members = new TreeMap<>();
        for (int i = 0; i < images; i++) {
            members.put("%09d.jpg".formatted(i), pool.draw(1, i).content());
        }
        return bytes(new TarContent(KeyedObjects.of(members)));
    }

    private static byte[] bytes(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        content.write(0, content.size(), bytes);
        return bytes.toByteArray();
    }

    private static Part part(StoredObjects stored, byte[] whole, int from, int to) throws IOException {
        try (TarSplitter splitter = stored.receive()) {
            // In pieces of odd sizes, as they come from a connection.
            for (int at = from; at < to; at += 7777) {
                splitter.write(whole, at, Math.min(7777, to - at));
            }
            return splitter.finish();
        }
    }

    private Content written(StoredObjects stored, byte[] whole, int partBytes) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (int from = 0; from < whole.length; from += partBytes) {
            parts.add(part(stored, whole, from, Math.min(whole.length, from + partBytes)));
        }
        return Objects.requireNonNull(stored.put("key", parts, false));
    }

    @ParameterizedTest(name = "parts of {0} bytes")
    @ValueSource(ints = {1 << 18, 512 * 333, 50_001, 10_240, Integer.MAX_VALUE / 2})
    void partsMakeTheWhole(int partBytes) throws IOException {
        StoredObjects stored = new StoredObjects(folder, pool);
        byte[] whole = tar(12);

        Content object = written(stored, whole, partBytes);

        assertThat(object.size()).isEqualTo(whole.length);
        assertThat(bytes(object)).isEqualTo(whole);
        assertThat(bytes(Objects.requireNonNull(new StoredObjects(folder, pool).get("key"))))
                .isEqualTo(whole);
    }

    @Test
    void anImageInTwoPartsIsKeptOnce() throws IOException {
        StoredObjects stored = new StoredObjects(folder, pool);
        byte[] whole = tar(40);

        written(stored, whole, 512 * 600);

        try (var files = Files.list(folder)) {
            assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isLessThan(whole.length / 100);
        }
    }

    @Test
    void otherBytesAreKeptToo() throws IOException {
        StoredObjects stored = new StoredObjects(folder, pool);
        byte[] random = new byte[700_000];
        new SplittableRandom(1).nextBytes(random);
        assertThat(bytes(written(stored, random, 100_000))).isEqualTo(random);
        byte[] cut = Arrays.copyOf(tar(3), 200_000);
        assertThat(bytes(written(stored, cut, 150_000))).isEqualTo(cut);
        assertThat(bytes(written(stored, new byte[0], 1))).isEmpty();
    }

    @Test
    void uploadsThatWereLeftAreForgotten() throws IOException {
        StoredObjects stored = new StoredObjects(folder, pool);
        String upload = stored.startUpload("key");
        assertThat(stored.putPart(upload, 1, part(stored, new byte[99], 0, 99))).isTrue();
        stored.endUpload(upload);
        assertThat(stored.parts(upload)).isNull();
        assertThat(folder).isEmptyDirectory();
    }
}
