package dev.moco.training.prepare;

import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.Sample;
import dev.moco.training.data.Sample.GroundTruth;
import dev.moco.training.data.decode.BadImageException;
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
 * Reads, checks and writes the images of a split, a shard a job.
 *
 * <p>Each thread holds one image at a time, so memory depends on the threads only. The images of a shard lie all over a
 * shuffled source, so each is a read of its own, from a tar too: an image of ImageNet weighs 110 KB, and with several
 * reads under way a thread its latency hides behind decoding. Reading the source in order instead would need a second
 * copy on disk to shuffle, since the place of an image is known only when all are counted.
 */
final class ShardJobs {
    private static final Logger LOG = LoggerFactory.getLogger(ShardJobs.class);

    private final PrepareConfig config;
    private final StageContext context;
    private final RawFiles files;
    private final List<String> classNames;
    private final ImagesDone done;
    private final ImageDecoder decoder = ImageDecoder.create();
    private final ConcurrentSkipListMap<String, String> bad = new ConcurrentSkipListMap<>();

    ShardJobs(PrepareConfig config, StageContext context, RawFiles files, List<String> classNames, ImagesDone done) {
        this.config = config;
        this.context = context;
        this.files = files;
        this.classNames = classNames;
        this.done = done;
    }

    /** Images left out, with what is wrong with each. */
    Map<String, String> bad() {
        return bad;
    }

    /** Writes a split's shards in the given order; a shard without a readable image is left out. */
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
                    throw StageFailure.interrupted("prepare was asked to stop; the next run starts it over");
                }
                add(writer, first + i, images.get(i));
                done.another().ifPresent(context::progress);
            }
            return writer.finish();
        }
    }

    private void add(ShardWriter writer, long ordinal, RawImage image) throws IOException {
        byte[] encoded = image.image().read(files);
        RgbImage decoded;
        try {
            // Decoding all of it is the only proof that an image is whole.
            decoded = config.dataset() == Dataset.VOC ? decoder.decodeUpright(encoded) : decoder.decode(encoded);
        } catch (BadImageException e) {
            if (config.onBadImage() == OnBadImage.FAIL) {
                throw StageFailure.badData(
                        "%s: corrupt image: %s; spec.data.onBadImage: Skip leaves such images out"
                                .formatted(image.id(), e.getMessage()),
                        e);
            }
            LOG.warn("left out image={} reason={}", image.id(), e.getMessage());
            bad.put(image.id(), String.valueOf(e.getMessage()));
            return;
        }
        List<GroundTruth> objects = objects(image, decoded);
        writer.add(ordinal, new Sample(image.id(), decoded.width(), decoded.height(), image.label(), objects), encoded);
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
