package dev.moco.training.pretrain;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.Architecture;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Progress;
import dev.moco.training.Footprint;
import dev.moco.training.TinyImages;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.device.BatchViews;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.loader.ViewLoader;
import dev.moco.training.data.loader.ViewPlace;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.stage.FolderContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand steps of the small model, loader included, leave nothing behind. */
class PretrainGrowthTest {
    private static final int BATCH = 8;
    private static final int STEPS_PER_EPOCH = 10;
    private static final int EPOCHS = 110;
    /** Steps after which the heap, the compiler and the loader's buffers have their final sizes. */
    private static final int WARM_UP = 100;

    @Test
    void aThousandStepsGrowNothing(@TempDir Path folder) throws Exception {
        PretrainConfig config = new PretrainConfig(
                Architecture.RESNET10W16,
                Head.MLP,
                8,
                16,
                Augmentation.AUG_PLUS,
                EPOCHS,
                BATCH,
                2,
                new Contrast(4 * BATCH, 0.2, 0.99),
                new Optimizer(0.01, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of()),
                Precision.FLOAT32,
                7);
        DecodedImages images = new DecodedImages(new TinyImages(BATCH * STEPS_PER_EPOCH), ImageDecoder.create());
        PretrainView view = PretrainView.of(config.augmentation(), config.imageSize());
        EncoderLayout layout = EncoderLayout.of(config.architecture(), config.head(), config.dimension());
        List<Footprint> samples = new ArrayList<>();
        try (NDManager manager = TorchEngine.start(1);
                RankThreads ranks = new RankThreads(2);
                ViewLoader loader = new ViewLoader(images, view, ViewPlace.HOST, BATCH, 7, 2);
                BatchViews views = BatchViews.open(manager, view, ViewPlace.HOST);
                MomentumContrast contrast = new MomentumContrast(
                        layout,
                        MomentumContrast.Settings.of(config),
                        MocoState.initial(manager, layout, config.dimension(), 4 * BATCH, 7),
                        0,
                        ranks)) {
            FolderContext context = new FolderContext(folder, config, 2) {
                @Override
                public void progress(Progress progress) {
                    super.progress(progress);
                    if (progress.step() >= WARM_UP && progress.step() % 100 == 0) {
                        samples.add(Footprint.of(manager));
                    }
                }
            };
            new PretrainRun(
                            config,
                            KnnMonitor.OFF,
                            context,
                            contrast,
                            loader,
                            loader.epoch(0, 0),
                            views,
                            imagesDone -> 0,
                            new StepCostMeter(manager.getDevice()),
                            RunMetrics.START,
                            0)
                    .toTheEnd(manager);
        }
        // A batch of images that stays each step would be 3.6 MiB in the 600 steps between.
        Footprint.assertNoGrowth(samples);
    }
}
