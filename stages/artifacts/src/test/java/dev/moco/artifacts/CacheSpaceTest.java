package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CacheSpaceTest {
    private static final long GIB = 1L << 30;

    private static CacheSpace.Disk disk(long total, AtomicLong free) {
        return new CacheSpace.Disk() {
            @Override
            public long totalBytes() {
                return total;
            }

            @Override
            public long freeBytes() {
                return free.get();
            }
        };
    }

    @Test
    void aReserveOfTheDiskStaysFree() throws IOException {
        AtomicLong free = new AtomicLong(7 * GIB);
        CacheSpace space = new CacheSpace(disk(100 * GIB, free), OptionalLong.empty());
        assertThat(space.claim(2 * GIB)).isTrue();
        assertThat(space.claim(GIB)).isTrue();
        // Both are being written: the disk does not show them as yet.
        assertThat(space.claim(1)).isFalse();
        free.set(5 * GIB);
        space.written(2 * GIB);
        assertThat(space.claim(1)).isFalse();
        space.failed(GIB);
        assertThat(space.claim(GIB)).isTrue();
    }

    @Test
    void ofASmallDiskATenthStaysFree() throws IOException {
        CacheSpace space = new CacheSpace(disk(10 * GIB, new AtomicLong(3 * GIB)), OptionalLong.empty());
        assertThat(space.claim(2 * GIB)).isTrue();
        assertThat(space.claim(1)).isFalse();
    }

    @Test
    void theLimitOfAVolumeCountsWhatIsThereAlready() throws IOException {
        CacheSpace space = new CacheSpace(disk(1000 * GIB, new AtomicLong(900 * GIB)), OptionalLong.of(3 * GIB));
        space.found(GIB);
        assertThat(space.claim(GIB)).isTrue();
        space.written(GIB);
        assertThat(space.claim(GIB + 1)).isFalse();
        assertThat(space.claim(GIB)).isTrue();
        assertThat(new CacheSpace(disk(1000 * GIB, new AtomicLong(900 * GIB)), OptionalLong.of(0)).claim(1))
                .isFalse();
    }
}
