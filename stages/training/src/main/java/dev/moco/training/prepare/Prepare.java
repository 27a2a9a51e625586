package dev.moco.training.prepare;

import dev.moco.contract.Manifest;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.Named;
import dev.moco.contract.StageTask;
import dev.moco.training.data.shards.DatasetIndex.Shards;
import dev.moco.training.data.shards.DatasetWriter;
import dev.moco.training.data.shards.Split;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.stage.StageProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The prepare stage: lists the raw images, shuffles the training images once, decodes every image to check it, and writes
 * the encoded bytes unchanged to shards.
 *
 * <p>There are no checkpoints. A stopped run starts over and writes the same files, which are a function of source and
 * seed. A checkpoint would consist of the shards themselves, 138 GB for ImageNet, while the stage takes about an hour. The
 * shards stay on the scratch disk until the stage commits, so the disk must have room for the whole source.
 */
public final class Prepare implements StageProgram<PrepareConfig> {
    private static final Logger LOG = LoggerFactory.getLogger(Prepare.class);
    /** Concurrent reads for each core from a remote source; one is enough for a local disk. */
    private static final int REMOTE_READS = 4;

    /** Upper bound of the bytes of tar headers, padding and index for each image. */
    private static final long OVERHEAD = 2048;

    @Override
    public StageOutput run(PrepareConfig config, StageContext context) throws IOException, InterruptedException {
        StageTask task = context.task();
        String source = Objects.requireNonNull(task.source(), "prepare has a source");
        try (RawSource files = RawSource.open(source, task.store())) {
            context.progress(PrepareProgress.listing());
            RawDataset raw = list(config, source, files);
            LOG.info(
                    "listed source={} images={} classes={} bytes={}",
                    source,
                    raw.images(),
                    raw.classNames().size(),
                    raw.bytes());
            requireFewShards(raw, config.shardImages());
            requireSpace(raw, context.scratch());
            ShardJobs jobs = new ShardJobs(config, context, files, raw.classNames(), new PrepareProgress(raw.images()));
            int threads = Math.max(1, task.execution().threads()) * (files.remote() ? REMOTE_READS : 1);
            return write(config, context, raw, jobs, threads);
        }
    }

    private static RawDataset list(PrepareConfig config, String source, RawFiles files) throws IOException {
        return switch (config.dataset()) {
            case IMAGENET -> {
                EmptyClassFolders.requireNone(source);
                yield ImagenetLayout.list(files);
            }
            case VOC -> VocLayout.list(files, config.classNames(), config.vocYears());
        };
    }

    private static StageOutput write(
            PrepareConfig config, StageContext context, RawDataset raw, ShardJobs jobs, int threads)
            throws IOException, InterruptedException {
        DatasetWriter writer = new DatasetWriter(context.scratch());
        List<RawImage> train = RawShuffle.of(images(raw, Split.TRAIN), config.seed());
        Shards trainShards = writer.add(Split.TRAIN, jobs.write(Split.TRAIN, train, threads));
        Split heldOut = raw.splits().containsKey(Split.TEST) ? Split.TEST : Split.VALIDATION;
        Shards heldOutShards = writer.add(heldOut, jobs.write(heldOut, images(raw, heldOut), threads));
        Map<String, Path> files = writer.finish(config, raw.classNames());
        Findings findings = jobs.findings();
        Named bad = Findings.named(findings.bad());
        StageResult result = new StageResult.Prepared(
                trainShards.images(),
                heldOutShards.images(),
                raw.classNames().size(),
                trainShards.bytes() + heldOutShards.bytes(),
                bad.count(),
                bad.names(),
                findings.objects(),
                Findings.named(findings.warned()),
                Findings.named(findings.clipped()));
        return new StageOutput(files, Map.of(), result);
    }

    private static List<RawImage> images(RawDataset raw, Split split) {
        return Objects.requireNonNull(raw.splits().get(split), "layouts list the splits of their data set");
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

    private static void requireSpace(RawDataset raw, Path scratch) throws IOException {
        long needed = raw.bytes() + OVERHEAD * raw.images();
        long free = Files.getFileStore(scratch).getUsableSpace();
        if (free < needed) {
            throw StageFailure.badConfig(
                    "scratch disk of %s has %d MiB free, the shards of this source need %d MiB; use a larger disk"
                            .formatted(scratch, free >> 20, needed >> 20));
        }
    }
}
