package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Structure;
import dev.moco.contract.Architecture;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.PretrainConfig.Knn;
import dev.moco.contract.Progress;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand steps of the small model, loader included, leave nothing behind. */
class NoGrowthTest {
    private static final int BATCH = 8;
    private static final int STEPS_PER_EPOCH = 10;
    private static final int EPOCHS = 110;
    /** Until then the heap, the compiler and the loader's buffers find their sizes. */
    private static final int WARM_UP = 100;

    private static final long MIB = 1 << 20;

    /** glibc's account of what it handed out. */
    interface Allocator extends Library {
        /** In bytes, in this order: arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost. */
        @Structure.FieldOrder("figures")
        final class Figures extends Structure implements Structure.ByValue {
            public long[] figures = new long[10];

            long used() {
                return figures[4] + figures[7];
            }
        }

        Figures mallinfo2();
    }

    private static final Allocator ALLOCATOR = Native.load("c", Allocator.class);

    /** What was in use after a step. */
    private record Sample(int arrays, long nativeBytes, long residentBytes) {
        static Sample of(NDManager manager) {
            System.gc();
            return new Sample(
                    manager.getManagedArrays().size(), ALLOCATOR.mallinfo2().used(), resident());
        }

        private static long resident() {
            try {
                try (Scanner pages = new Scanner(Path.of("/proc/self/statm"), StandardCharsets.US_ASCII)) {
                    pages.nextLong();
                    return 4096 * pages.nextLong();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

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
                new Knn(0, 1, 0.1, 0),
                7);
        DecodedImages images = new DecodedImages(new TinyImages(BATCH * STEPS_PER_EPOCH), ImageDecoder.create());
        PretrainView view = PretrainView.of(config.augmentation(), config.imageSize());
        EncoderLayout layout = EncoderLayout.of(config.architecture(), config.head(), config.dimension());
        List<Sample> samples = new ArrayList<>();
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
                        samples.add(Sample.of(manager));
                    }
                }
            };
            new PretrainRun(config, context, contrast, loader, loader.epoch(0, 0), views, () -> 0, Course.START, 0)
                    .toTheEnd(manager);
        }
        assertThat(samples).hasSizeGreaterThanOrEqualTo(10);
        List<Sample> early = samples.subList(0, 5);
        List<Sample> late = samples.subList(samples.size() - 5, samples.size());
        assertThat(samples)
                .extracting(Sample::arrays)
                .containsOnly(samples.get(0).arrays());
        // A batch of images that stays each step would be 6 MiB in a thousand; compilers come and go with a few.
        assertThat(least(late, Sample::nativeBytes))
                .as("native memory")
                .isLessThan(least(early, Sample::nativeBytes) + 4 * MIB);
        assertThat(least(late, Sample::residentBytes))
                .as("resident memory")
                .isLessThan(least(early, Sample::residentBytes) + 32 * MIB);
    }

    private static long least(List<Sample> samples, ToLongFunction<Sample> figure) {
        return samples.stream().mapToLong(figure).min().orElseThrow();
    }
}
