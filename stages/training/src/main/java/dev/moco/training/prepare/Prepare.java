package dev.moco.training.prepare;

import dev.moco.artifacts.StoredParts;
import dev.moco.contract.DiskNeed;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.Named;
import dev.moco.contract.StageTask;
import dev.moco.training.data.shards.DatasetIndex;
import dev.moco.training.data.shards.DatasetIndex.Shards;
import dev.moco.training.data.shards.DatasetWriter;
import dev.moco.training.data.shards.Split;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.stage.StageProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The prepare stage: lists the raw images, shuffles the training images once, decodes every image to check it, and writes
 * the encoded bytes unchanged to shards, which are uploaded one by one. All of them are one commit at the end.
 *
 * <p>A run that is stopped or killed loses the shards in progress; the next one makes those that are not stored yet. Shards
 * are a function of source and seed, so their bytes are those of a run without an interruption.
 * The scratch disk holds the shards in progress only, whatever the size of the source.
 */
public final class Prepare implements StageProgram<PrepareConfig> {
    private static final Logger LOG = LoggerFactory.getLogger(Prepare.class);

    @Override
    public StageOutput run(PrepareConfig config, StageContext context) throws IOException, InterruptedException {
        StageTask task = context.task();
        String source = Objects.requireNonNull(task.source(), "prepare has a source");
        int threads = Math.max(1, task.execution().threads());
        try (RawSource files = RawSource.open(source, task.store())) {
            ListingProgress listing = new ListingProgress(context::progress, context::stopRequested);
            RawDataset raw = list(config, source, files, context.parts(), listing);
            LOG.info(
                    "listed source={} images={} classes={} bytes={}",
                    source,
                    raw.images(),
                    raw.classNames().size(),
                    raw.bytes());
            requireFewShards(raw, config.shardImages());
            Map<Split, List<RawImage>> splits = ordered(raw, config.seed());
            requireSpace(raw, ShardJobs.scratchBytes(splits.values(), config.shardImages(), threads), context);
            try (CheckedImages images = new CheckedImages(config, files, raw.classNames(), threads, files.remote());
                    ShardJobs jobs =
                            new ShardJobs(context, images, new PrepareProgress(raw.images()), config.shardImages())) {
                return store(config, context, raw.classNames(), splits, jobs);
            }
        }
    }

    private static RawDataset list(
            PrepareConfig config, String source, RawFiles files, StoredParts parts, ListingProgress progress)
            throws IOException {
        return switch (config.dataset()) {
            case IMAGENET -> {
                EmptyClassFolders.requireNone(source);
                yield ImagenetLayout.list(files, parts, progress);
            }
            case UNLABELED -> UnlabeledLayout.list(files, progress);
            case VOC -> VocLayout.list(files, parts, config.classNames(), config.vocYears(), progress);
        };
    }

    /** The images of each split in the order of its shards, training images first. */
    private static Map<Split, List<RawImage>> ordered(RawDataset raw, long seed) {
        Map<Split, List<RawImage>> splits = new EnumMap<>(raw.splits());
        splits.computeIfPresent(Split.TRAIN, (split, images) -> RawShuffle.of(images, seed));
        return splits;
    }

    private static StageOutput store(
            PrepareConfig config,
            StageContext context,
            List<String> classNames,
            Map<Split, List<RawImage>> splits,
            ShardJobs jobs)
            throws IOException, InterruptedException {
        DatasetWriter writer = new DatasetWriter(context.scratch());
        List<FileEntry> stored = new ArrayList<>();
        Map<Split, Shards> written = new EnumMap<>(Split.class);
        for (Map.Entry<Split, List<RawImage>> split : splits.entrySet()) {
            List<ShardRecord> shards = jobs.store(split.getKey(), split.getValue());
            shards.forEach(shard -> stored.addAll(List.of(shard.tar(), shard.index())));
            written.put(
                    split.getKey(),
                    writer.add(
                            split.getKey(),
                            shards.stream().map(ShardRecord::shard).toList()));
        }
        Map<String, Path> files = Map.of(DatasetIndex.FILE, writer.finish(config, classNames));
        return new StageOutput(stored, files, Map.of(), result(classNames, written, jobs.findings()));
    }

    private static StageResult result(List<String> classNames, Map<Split, Shards> written, Findings findings) {
        Named bad = Findings.named(findings.bad());
        long train = Objects.requireNonNull(written.get(Split.TRAIN), "every data set has training images")
                .images();
        return new StageResult.Prepared(
                train,
                written.values().stream().mapToLong(Shards::images).sum() - train,
                classNames.size(),
                written.values().stream().mapToLong(Shards::bytes).sum(),
                bad.count(),
                bad.names(),
                findings.objects(),
                Findings.named(findings.warned()),
                Findings.named(findings.clipped()));
    }

    /** A manifest lists two files for each shard, and the index. */
    static void requireFewShards(RawDataset raw, int shardImages) {
        long shards = 0;
        for (List<RawImage> split : raw.splits().values()) {
            shards += (split.size() + shardImages - 1L) / shardImages;
        }
        long most = (Manifest.MAX_FILES - 1) / 2;
        if (shards > most) {
            throw StageFailure.badConfig(
                    "spec.data.shardImages: %d images in shards of %d are %d shards, allowed are at most %d"
                            .formatted(raw.images(), shardImages, shards, most));
        }
    }

    private static void requireSpace(RawDataset raw, long scratchBytes, StageContext context) throws IOException {
        boolean storeHere = context.storesOnThisDisk();
        long stored = storeHere ? context.parts().bytes() : 0;
        long left = Math.max(0, DiskNeed.shardBytes(raw.bytes(), raw.images()) - stored);
        DiskNeed need = DiskNeed.ofPrepare(scratchBytes, left, storeHere);
        long freeMib = Files.getFileStore(context.scratch()).getUsableSpace() >> 20;
        if (freeMib < need.leastMib()) {
            throw StageFailure.badConfig(
                    ("the disk of %s has %d MiB free, the shards in progress need %d MiB and the store on the same disk"
                                    + " %d MiB; use a larger disk, or a bucket with --store")
                            .formatted(context.scratch(), freeMib, need.scratchMib(), need.storeMib()));
        }
    }
}
