package dev.moco.training.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StepThreads;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.device.BatchViews;
import dev.moco.training.data.loader.BatchPart;
import dev.moco.training.data.loader.BatchRule;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.loader.ViewLoader;
import dev.moco.training.data.loader.ViewPlace;
import dev.moco.training.engine.Algorithms;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.Method;
import dev.moco.training.pretrain.StepAgreement;
import dev.moco.training.pretrain.Trainer;
import dev.moco.training.pretrain.TrainingBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Steps of pre-training in one process of several, as in the stage. */
final class WorldSteps implements AutoCloseable {
    static final String STEP = "step";

    /** Batches after the last step, so that the loader is at full load until then. */
    private static final int SPARE_BATCHES = 4;

    private final WorldTask task;
    private final PretrainConfig config;
    private final Collectives collectives;
    private final World world;
    private final NDManager manager;
    private final RankThreads ranks;
    private final Trainer trainer;
    private double loss;

    WorldSteps(WorldTask task, Collectives collectives, NDManager manager) {
        this.task = task;
        this.config = task.pretrain();
        this.collectives = collectives;
        this.world = collectives.world();
        this.manager = manager;
        TorchEngine.choose(Algorithms.TIMED);
        this.ranks = new RankThreads(
                Math.max(1, StepThreads.of(config, task.threads()).ranks() / world.size()));
        Method method = Method.of(config);
        this.trainer = method.begin(
                method.initial(manager, 0),
                new Method.Means(
                        TorchProgram.compile(manager.getDevice(), Map.of(), method.program()),
                        ranks,
                        collectives,
                        0,
                        0));
    }

    /** Steps on random images in memory, the same for every number of processes. */
    WorldTimes fromMemory(WorldRepetitions repetitions) throws Exception {
        BatchViews.Pair views = new BatchViews.Pair(randomImages(0), randomImages(1));
        int[] labels = new int[world.ranks(config.batchSize())];
        Timings timings = repetitions.time(STEP, number -> step(new TrainingBatch(views, labels, number)));
        return new WorldTimes(STEP, config.batchSize(), timings.seconds(), null, loss);
    }

    /** Steps on images of a folder, of which each process reads its part. */
    WorldTimes fromFiles(WorldRepetitions repetitions, Path folder) throws Exception {
        int images = (repetitions.count() + SPARE_BATCHES) * config.batchSize();
        PretrainView view = PretrainView.of(config);
        ViewPlace place = BatchViews.place(manager.getDevice());
        AtomicLong waited = new AtomicLong();
        try (ViewLoader loader = loader(folder, images, view, place);
                BatchViews views = BatchViews.open(manager, view, place);
                BatchStream<ViewBatch> stream = loader.epoch(0, 0)) {
            Timings timings = repetitions.time(STEP, number -> {
                if (number == repetitions.warmup()) {
                    waited.set(stream.waitNanos());
                }
                try (ViewBatch loaded = stream.next();
                        NDManager scope = manager.newSubManager()) {
                    step(new TrainingBatch(views.of(scope, loaded), loaded.labels(), number));
                }
            });
            double longest = 0;
            for (double[] ofProcess : collectives.agree((stream.waitNanos() - waited.get()) / 1e9)) {
                longest = Math.max(longest, ofProcess[0]);
            }
            return new WorldTimes(STEP, config.batchSize(), timings.seconds(), longest / timings.total(), loss);
        }
    }

    private ViewLoader loader(Path folder, int images, PretrainView view, ViewPlace place) throws IOException {
        return new ViewLoader(
                DecodedImages.uncached(FolderImages.of(folder, images), ImageDecoder.create()),
                view,
                place,
                BatchRule.of(config),
                new BatchPart(world.index(), world.size()),
                config.seed(),
                task.threadsOf(world.size()));
    }

    private void step(TrainingBatch batch) {
        double[] ofOwnRanks = trainer.steps().make(batch, config.optimizer().learningRate());
        loss = StepAgreement.of(collectives, ofOwnRanks, false, false).metrics().loss();
    }

    /** This process's images of a batch. */
    private NDArray randomImages(int view) {
        int images = world.ranks(config.batchSize());
        int side = config.imageSize();
        byte[] image = new byte[3 * side * side];
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(image.length, images));
        for (int i = 0; i < images; i++) {
            CounterRandom.of(config.seed(), view, (long) world.index() * images + i)
                    .nextBytes(image);
            bytes.put(image);
        }
        return BatchViews.upload(manager, bytes.flip(), images, side, side, 3);
    }

    @Override
    public void close() {
        trainer.close();
        ranks.close();
    }
}
