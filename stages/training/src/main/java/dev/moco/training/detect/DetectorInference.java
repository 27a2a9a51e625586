package dev.moco.training.detect;

import dev.moco.contract.StageFailure;
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

/** Detects the objects of a test set, one image at a time. */
final class DetectorInference {
    /** Images decoded ahead for each thread. */
    private static final int AHEAD = 2;

    private final StageContext context;
    private final Detector detector;
    private final DetectorProgress progress;

    DetectorInference(StageContext context, Detector detector, DetectorProgress progress) {
        this.context = context;
        this.detector = detector;
        this.progress = progress;
    }

    /** A test image at the test size, and the size of the original. */
    private record TestImage(int width, int height, RgbImage resized) {}

    TestSet run(DetectorState state, DetectionImages images) {
        List<List<Detection>> detections = new ArrayList<>();
        List<List<Sample.GroundTruth>> truths = new ArrayList<>();
        int size = images.images().size();
        long start = System.nanoTime();
        int count = context.task().execution().threads();
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            Queue<CompletableFuture<TestImage>> ahead = new ArrayDeque<>();
            for (int index = 0; index < size; index++) {
                for (int next = index + ahead.size(); ahead.size() < AHEAD * count && next < size; next++) {
                    int number = next;
                    ahead.add(CompletableFuture.supplyAsync(() -> load(images, number), threads));
                }
                stopIfAsked();
                TestImage image = join(ahead.remove());
                detections.add(detector.detect(state, image.resized(), image.width(), image.height()));
                truths.add(images.images().sample(index).objects());
                progress.evaluated(index + 1, size, start);
            }
        } finally {
            threads.shutdownNow();
        }
        return new TestSet(images.images().classNames(), truths, detections);
    }

    private void stopIfAsked() {
        if (context.stopRequested()) {
            throw StageFailure.interrupted("stopped while evaluating; the last iteration's checkpoint is saved");
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
