package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransferredTest {
    private static final int PART = 5 << 20;

    @TempDir
    Path folder;

    @Test
    void theNumberGrowsWhileARequestMakesProgress() throws IOException {
        try (EmbeddedS3 server = EmbeddedS3.start(folder.resolve("s3"));
                S3ObjectStore objects =
                        new S3ObjectStore(server.location(), server.credentials(), S3Timeouts.FILES, PART)) {
            long before = objects.transferred();
            objects.size("none");
            assertThat(objects.transferred()).isGreaterThan(before);

            for (int size : new int[] {PART - 1, 2 * PART + 1}) {
                before = objects.transferred();
                objects.upload("a", Files.write(folder.resolve("a"), new byte[size]));
                assertThat(objects.transferred() - before).isGreaterThan(size);
            }

            before = objects.transferred();
            try (InputStream in = objects.openUnchecked("a")) {
                in.readNBytes(PART);
                long half = objects.transferred();
                assertThat(half - before).isBetween((long) PART, 2L * PART);
                in.readAllBytes();
                assertThat(objects.transferred() - half).isGreaterThanOrEqualTo(PART);
            }
        }
    }
}
