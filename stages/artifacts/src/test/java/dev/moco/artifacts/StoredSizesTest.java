package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.Provenance;
import dev.moco.contract.Sha256;
import dev.moco.contract.Stage;
import dev.moco.contract.StageResult;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredSizesTest {
    private static final PrepareConfig CONFIG =
            new PrepareConfig(PrepareConfig.Dataset.IMAGENET, "f", PrepareConfig.OnBadImage.FAIL, List.of(), 8, 0);
    private static final String KEY = ArtifactKey.of(CONFIG, Map.of());
    private static final String PREFIX = ArtifactKey.prefix(Stage.PREPARE, KEY);

    @TempDir
    Path folder;

    private final List<String> calls = new ArrayList<>();
    private ObjectStore objects;
    private ArtifactStore store;

    @BeforeEach
    void open() {
        objects = new FolderObjectStore(folder);
        store = new ArtifactStore((ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    calls.add(method.getName());
                    return method.invoke(objects, arguments);
                }));
    }

    @Test
    void manyFilesAreListed() throws IOException {
        Manifest manifest = stored(60);
        objects.put(PREFIX + "files/" + "0".repeat(64) + "/left.bin", bytes("left by another attempt"));
        assertThat(store.damage(manifest)).isEmpty();
        assertThat(calls).containsExactly("list");

        objects.put(PREFIX + manifest.object(manifest.files().get(20)), bytes("other bytes"));
        assertThat(store.damage(manifest)).contains("30.bin has 11 bytes instead of 2");
        objects.delete(PREFIX + manifest.object(manifest.files().get(10)));
        assertThat(store.damage(manifest)).contains("20.bin is missing");
    }

    @Test
    void fewFilesTakeARequestEach() throws IOException {
        Manifest manifest = stored(3);
        assertThat(store.damage(manifest)).isEmpty();
        assertThat(calls).containsExactly("size", "size", "size");
    }

    private Manifest stored(int count) throws IOException {
        List<FileEntry> files = new ArrayList<>();
        for (int i = 10; i < 10 + count; i++) {
            byte[] content = bytes(Integer.toString(i));
            FileEntry file = new FileEntry(i + ".bin", content.length, Sha256.of(content));
            objects.put(PREFIX + file.object(), content);
            files.add(file);
        }
        return new Manifest(
                Manifest.VERSION,
                Stage.PREPARE,
                KEY,
                CONFIG,
                Map.of(),
                files,
                List.of(),
                new StageResult.Prepared(1, 1, 1, 7, 0, List.of()),
                new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 1, 0));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
