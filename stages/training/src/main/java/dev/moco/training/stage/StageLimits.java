package dev.moco.training.stage;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.MemoryNeed;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.training.collectives.World;
import dev.moco.training.data.decode.DecodeMemory;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Memory and disk that a stage's process may take. */
final class StageLimits {
    private static final Logger LOG = LoggerFactory.getLogger(StageLimits.class);

    private StageLimits() {}

    /** Limit of the copies of shards, which an operator sets. */
    static OptionalLong cacheBytes(Map<String, String> environment) {
        String mib = environment.get(StageTask.CACHE_VARIABLE);
        try {
            return mib == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(mib) << 20);
        } catch (NumberFormatException e) {
            throw StageFailure.badConfig(StageTask.CACHE_VARIABLE + " must be a number of MiB, found " + mib, e);
        }
    }

    /**
     * Checks that host and GPU have the memory that the stage needs, and says what was found.
     *
     * @param world the stage's processes; those of a node share its memory
     */
    static void requireMemory(StageTask task, World world, ArtifactStore store, Map<String, String> environment)
            throws IOException {
        StageConfig config = task.config();
        OptionalLong gpuMib = config.stage().readsRawData() ? OptionalLong.empty() : Machine.gpuMib(environment);
        MemoryNeed.Setting setting = new MemoryNeed.Setting(
                task.execution().threads(), gpuMib.isPresent(), world.size(), bankImages(task, store), world.nodes());
        MemoryNeed need = MemoryNeed.of(config, setting);
        LOG.info(
                "memory: devices={} nodes={} threads={} heapMib={} directMib={} decodingMib={} needMib={} ofMib={} gpuNeedMib={} ofGpuMib={}",
                setting.devices(),
                setting.nodes(),
                setting.threads(),
                Runtime.getRuntime().maxMemory() >> 20,
                Machine.directMib(),
                DecodeMemory.OF_PROCESS.bytes() >> 20,
                need.hostMib(),
                Machine.memoryMib(),
                need.deviceMib(),
                gpuMib.isPresent() ? gpuMib.getAsLong() : "-");
        MemoryNeed.check(task.name(), config, setting, Machine.memoryMib(), gpuMib);
    }

    /** Images in the bank of the kNN monitor, of the training images that were prepared. */
    private static long bankImages(StageTask task, ArtifactStore store) throws IOException {
        KnnMonitor knn = task.execution().knn();
        ArtifactRef images = task.inputs().get(StageTask.IMAGENET);
        if (knn == null || images == null) {
            return 0;
        }
        return store.manifest(images.stage(), images.key())
                .map(manifest -> knn.bank(manifest.result().trainImages()))
                .orElse(0L);
    }
}
