package dev.moco.training.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.training.prepare.CheckedImages.ReadImage;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class CheckedImagesTest {
    private static final PrepareConfig CONFIG =
            new PrepareConfig(Dataset.IMAGENET, "f", OnBadImage.SKIP, List.of(), 4, 7);
    private static final long MIB = 1 << 20;

    /** Paths in the order in which their reads began, and how many may end. */
    private final List<String> begun = new ArrayList<>();

    private final Semaphore mayEnd = new Semaphore(0);

    private final RawFiles files = (RawFiles) Proxy.newProxyInstance(
            RawFiles.class.getClassLoader(), new Class<?>[] {RawFiles.class}, (proxy, method, arguments) -> {
                synchronized (begun) {
                    begun.add((String) arguments[0]);
                }
                mayEnd.acquire();
                return new byte[0];
            });

    @Test
    void manyRemoteImagesAreReadAtOnceInTheirOrder() throws Exception {
        try (CheckedImages images = new CheckedImages(CONFIG, files, List.of(), 2, true)) {
            assertThat(images.reads()).isEqualTo(64);
            List<Future<ReadImage>> later = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                assertThat(images.mayRead(image(i, 100 << 10))).isTrue();
                later.add(images.read(1000 + i, image(1000 + i, 100 << 10)));
            }
            awaitBegun(64);
            // An image of an earlier shard is read before those that wait.
            Future<ReadImage> earlier = images.read(5, image(5, 100 << 10));
            mayEnd.release(1);
            awaitBegun(65);
            assertThat(begun.get(64)).isEqualTo("5");
            mayEnd.release(1000);
            assertThat(earlier.get().findings().bad().values()).containsExactly("empty file");
            for (Future<ReadImage> image : later) {
                assertThat(image.get().sample()).isNull();
            }
        }
    }

    @Test
    void aLocalDiskIsReadByAsManyThreadsAsThereAre() {
        try (CheckedImages images = new CheckedImages(CONFIG, files, List.of(), 3, false)) {
            assertThat(images.reads()).isEqualTo(3);
        }
    }

    @Test
    void theBytesInMemoryAreBounded() throws Exception {
        StoppableWaits waits = new StoppableWaits(() -> false);
        try (CheckedImages images = new CheckedImages(CONFIG, files, List.of(), 2, true)) {
            int held = 0;
            while (images.mayRead(image(0, MIB))) {
                held++;
            }
            assertThat(held).isBetween(40, 48);
            for (int i = 0; i < held; i++) {
                images.release(image(0, MIB));
            }
            // An image that is larger than the bound is read alone.
            images.awaitMemory(image(0, 500 * MIB), waits);
            assertThat(images.mayRead(image(0, 1))).isFalse();
            images.release(image(0, 500 * MIB));
            assertThat(images.mayRead(image(0, 1))).isTrue();
        }
    }

    private void awaitBegun(int count) {
        await().atMost(Duration.ofMinutes(10)).until(() -> {
            synchronized (begun) {
                return begun.size() == count;
            }
        });
    }

    private static RawImage image(int number, long bytes) {
        return new RawImage("image " + number, new Extent(Integer.toString(number), 0, bytes), 0, null);
    }
}
