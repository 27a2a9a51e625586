package dev.moco.training.prepare;

import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.Sample;
import dev.moco.training.data.Sample.GroundTruth;
import dev.moco.training.data.decode.BadImageException;
import dev.moco.training.data.decode.DecodeMemory;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.shards.DatasetIndex.Shard;
import dev.moco.training.data.shards.ShardWriter;
import dev.moco.training.data.shards.Split;
import dev.moco.training.stage.StageContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads, checks and writes the images of a split, with one job for each shard.
 *
 * <p>Each thread holds one image at a time, so memory use depends only on the number of threads. Since the images are
 * shuffled, those of a shard are scattered over the source, and each takes a read of its own, from a tar too. ImageNet's
 * images have 110 KB on average; with several reads in progress for each core, the cores stay busy decoding. Reading the
 * source in its own order instead would need a second copy on disk, to shuffle it once all images are counted.
 */
final class ShardJobs {
    private static final Logger LOG = LoggerFactory.getLogger(ShardJobs.class);

    private final PrepareConfig config;
    private final StageContext context;
    private final RawFiles files;
    private final List<String> classNames;
    private final PrepareProgress progress;
    private final ImageDecoder decoder = ImageDecoder.create();
    private final ConcurrentSkipListMap<String, String> bad = new ConcurrentSkipListMap<>();

    ShardJobs(
            PrepareConfig config,
            StageContext context,
            RawFiles files,
            List<String> classNames,
            PrepareProgress progress) {
        this.config = config;
        this.context = context;
        this.files = files;
        this.classNames = classNames;
        this.progress = progress;
    }

    /** Names of the skipped images, each with the reason. */
    Map<String, String> bad() {
        return bad;
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
                        .formatted(split.id(), images.size(), bad.firstEntry()));
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
        RgbImage decoded;
        try {
            // Only decoding the whole image shows that it is complete.
            decoded = decoded(encoded);
        } catch (BadImageException e) {
            if (config.onBadImage() == OnBadImage.FAIL) {
                throw StageFailure.badData(
                        "%s: corrupt image: %s; spec.data.onBadImage: Skip leaves such images out"
                                .formatted(image.id(), e.getMessage()),
                        e);
            }
            LOG.warn("skipped image={} reason={}", image.id(), e.getMessage());
            bad.put(image.id(), String.valueOf(e.getMessage()));
            return;
        }
        List<GroundTruth> objects = objects(image, decoded);
        writer.add(ordinal, new Sample(image.id(), decoded.width(), decoded.height(), image.label(), objects), encoded);
    }

    private RgbImage decoded(byte[] encoded) throws BadImageException {
        return DecodeMemory.OF_PROCESS.within(
                decoder.heapBytes(encoded),
                () -> config.dataset() == Dataset.VOC ? decoder.decodeUpright(encoded) : decoder.decode(encoded));
    }

    private List<GroundTruth> objects(RawImage image, RgbImage decoded) throws IOException {
        return image.annotation() == null
                ? List.of()
                : VocAnnotation.parse(
                        "Annotations/" + image.id() + ".xml",
                        image.annotation().read(files),
                        classNames,
                        decoded.width(),
                        decoded.height());
    }
}
