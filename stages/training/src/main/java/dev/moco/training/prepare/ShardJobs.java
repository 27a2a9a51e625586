package dev.moco.training.prepare;

import dev.moco.contract.PrepareConfig;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.shards.DatasetIndex.Shard;
import dev.moco.training.data.shards.ShardWriter;
import dev.moco.training.data.shards.Split;
import dev.moco.training.stage.StageContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Reads, checks and writes the images of a split, with one job for each shard.
 *
 * <p>Each thread holds one image at a time, so memory use depends only on the number of threads. Since the images are
 * shuffled, those of a shard are scattered over the source, and each takes a read of its own, from a tar too. ImageNet's
 * images have 110 KB on average; with several reads in progress for each core, the cores stay busy decoding. Reading the
 * source in its own order instead would need a second copy on disk, to shuffle it once all images are counted.
 */
final class ShardJobs {
    private final PrepareConfig config;
    private final StageContext context;
    private final RawFiles files;
    private final PrepareProgress progress;
    private final ImageCheck check;
    private final Queue<Findings> findings = new ConcurrentLinkedQueue<>();

    ShardJobs(
            PrepareConfig config,
            StageContext context,
            RawFiles files,
            List<String> classNames,
            PrepareProgress progress) {
        this.config = config;
        this.context = context;
        this.files = files;
        this.check = new ImageCheck(config, files, classNames);
        this.progress = progress;
    }

    /** Findings in the images so far. */
    Findings findings() {
        return Findings.of(findings);
    }

    /** Writes the images of a split to shards, in the given order; leaves out shards without a readable image. */
    List<Shard> write(Split split, List<RawImage> images, int threads) throws IOException, InterruptedException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Shard>> jobs = new ArrayList<>();
            for (int first = 0; first < images.size(); first += config.shardImages()) {
                int start = first;
                int end = Math.min(images.size(), first + config.shardImages());
                jobs.add(executor.submit(
                        () -> shard(split, start / config.shardImages(), start, images.subList(start, end))));
            }
            List<Shard> shards = new ArrayList<>();
            for (Future<Shard> job : jobs) {
                shards.add(result(job));
            }
            shards.removeIf(shard -> shard.images() == 0);
            if (shards.isEmpty()) {
                throw StageFailure.badData("%s: none of %d images can be read; the first: %s"
                        .formatted(
                                split.id(),
                                images.size(),
                                Findings.named(findings().bad())));
            }
            return shards;
        } finally {
            executor.shutdownNow();
        }
    }

    private static Shard result(Future<Shard> job) throws IOException, InterruptedException {
        try {
            return job.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StageFailure failure) {
                throw failure;
            }
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException("a shard's job failed", e.getCause());
        }
    }

    private Shard shard(Split split, int number, int first, List<RawImage> images) throws IOException {
        Path folder = context.scratch();
        try (ShardWriter writer = new ShardWriter(folder, split, number)) {
            for (int i = 0; i < images.size(); i++) {
                if (context.stopRequested() || Thread.currentThread().isInterrupted()) {
                    throw StageFailure.interrupted("prepare was stopped; the next run starts over");
                }
                add(writer, first + i, images.get(i));
                progress.imageDone().ifPresent(context::progress);
            }
            return writer.finish();
        }
    }

    private void add(ShardWriter writer, long ordinal, RawImage image) throws IOException {
        byte[] encoded = image.image().read(files);
        ImageCheck.Checked checked = check.check(image, encoded);
        findings.add(checked.findings());
        if (checked.sample() != null) {
            writer.add(ordinal, checked.sample(), encoded);
        }
    }
}
