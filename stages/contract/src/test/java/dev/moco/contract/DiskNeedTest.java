package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiskNeedTest {
    private static final long IMAGENET_BYTES = 146_000_000_000L;
    private static final StageResult.Prepared IMAGENET =
            new StageResult.Prepared(1_281_167, 50_000, 1000, IMAGENET_BYTES, 0, List.of());

    @Test
    void aStageThatTrainsHoldsItsShardsAndTemporaryFiles() {
        DiskNeed need = DiskNeed.ofTraining(Optional.of(IMAGENET));
        assertThat(need.cacheMib()).isBetween(IMAGENET_BYTES >> 20, (IMAGENET_BYTES >> 20) + 2048);
        assertThat(need.mib()).isEqualTo(need.cacheMib() + DiskNeed.SCRATCH_MIB);
        assertThat(need.leastMib()).isEqualTo(DiskNeed.SCRATCH_MIB);
    }

    @Test
    void whatIsNotPreparedIsNotCounted() {
        assertThat(DiskNeed.ofTraining(Optional.empty()).mib()).isEqualTo(DiskNeed.SCRATCH_MIB);
    }

    @Test
    void anEmbeddedStoreHoldsTheShardsOnTheSameDisk() {
        long shards = DiskNeed.shardBytes(IMAGENET_BYTES, 1_331_167);
        DiskNeed remote = DiskNeed.ofPrepare(1L << 30, shards, false);
        DiskNeed here = DiskNeed.ofPrepare(1L << 30, shards, true);
        assertThat(remote.leastMib()).isEqualTo(1024);
        assertThat(here.leastMib() - remote.leastMib()).isGreaterThan(IMAGENET_BYTES >> 20);
    }
}
