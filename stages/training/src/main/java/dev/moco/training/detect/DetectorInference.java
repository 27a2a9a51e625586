package dev.moco.training.detect;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.StageFailure;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.Sample;
import dev.moco.training.detect.evaluate.Detection;
import dev.moco.training.detect.evaluate.TestSet;
import dev.moco.training.detect.input.DetectionImages;
import dev.moco.training.detect.model.Detector;
import dev.moco.training.detect.model.DetectorState;
import dev.moco.training.stage.StageContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Detects the objects of a test set: the processes take the images in turn, one each at a time. */
final class DetectorInference {
    /** Images decoded ahead for each thread. */
    private static final int AHEAD = 2;

    private final DetectConfig config;
    private final StageContext context;
    private final Collectives collectives;
    private final Detector detector;
    private final DetectorProgress progress;

    DetectorInference(
            DetectConfig config,
            StageContext context,
            Collectives collectives,
            Detector detector,
            DetectorProgress progress) {
        this.config = config;
        this.context = context;
        this.collectives = collectives;
        this.detector = detector;
        this.progress = progress;
    }

    /** A test image at the test size, and the size of the original. */
    private record TestImage(int width, int height, RgbImage resized) {}

    /** Returns the detections in all images, in every process. */
    TestSet run(DetectorState state, DetectionImages images) {
        int size = images.images().size();
        int processes = collectives.world().size();
        List<List<Detection>> detections = new ArrayList<>();
        List<List<Sample.GroundTruth>> truths = new ArrayList<>();
        long start = System.nanoTime();
        int count = Math.max(1, context.task().execution().threads() / processes);
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            Queue<CompletableFuture<TestImage>> ahead = new ArrayDeque<>();
            int next = collectives.world().index();
            for (int first = 0; first < size; first += processes) {
                for (; ahead.size() < AHEAD * count && next < size; next += processes) {
                    int number = next;
                    ahead.add(CompletableFuture.supplyAsync(() -> load(images, number), threads));
                }
                List<Detection> own = List.of();
                if (!ahead.isEmpty()) {
                    TestImage image = join(ahead.remove());
                    own = detector.detect(state, image.resized(), image.width(), image.height());
                }
                detections.addAll(exchange(state, own).subList(0, Math.min(processes, size - first)));
                progress.evaluated(detections.size(), size, start);
            }
        } finally {
            threads.shutdownNow();
        }
        for (int index = 0; index < size; index++) {
            truths.add(images.images().sample(index).objects());
        }
        return new TestSet(images.images().classNames(), truths, detections);
    }

    /** Returns the detections of every process; stops all if one was asked to. */
    private List<List<Detection>> exchange(DetectorState state, List<Detection> own) {
        int limit = config.regions().detectionsPerImage();
        try (NDManager scope = state.parameters().getManager().newSubManager()) {
            DetectionRows rows =
                    DetectionRows.of(own, context.stopRequested(), limit).gathered(scope, collectives);
            if (rows.anyStops()) {
                throw StageFailure.interrupted("stopped while evaluating; the last iteration's checkpoint is saved");
            }
            return rows.detections();
        }
    }

    private static TestImage load(DetectionImages images, int index) {
        return images.useUpright(
                index, upright -> new TestImage(upright.width(), upright.height(), images.forTest(upright)));
    }

    private static TestImage join(CompletableFuture<TestImage> image) {
        try {
            return image.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }
}
