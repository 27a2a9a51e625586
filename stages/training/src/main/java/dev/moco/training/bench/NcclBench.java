package dev.moco.training.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Architecture;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.engine.Nccl;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code moco bench nccl}: all-reduce of gradients over a single GPU. */
@Command(
        name = "nccl",
        mixinStandardHelpOptions = true,
        description = {
            "Times NCCL's all-reduce of an encoder's gradients over one rank, on the first GPU.",
            "With one rank it copies the gradients: the rate shows that NCCL works, and is an upper bound."
        })
final class NcclBench implements Callable<Integer> {
    private static final int DIM = 128;
    /** Reductions for each wait: waiting for the device takes tens of microseconds, a tenth of a reduction. */
    private static final int REDUCTIONS = 10;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // set by picocli
    BenchMain bench;

    @Mixin
    RepetitionOptions repetitions = new RepetitionOptions(3, 20);

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            defaultValue = "resnet50",
            converter = ComputeOptions.ArchitectureConverter.class,
            description = "Encoder, with the head of MoCo v2. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Architecture arch;

    @Override
    public Integer call() throws Exception {
        repetitions.check();
        EncoderLayout layout = EncoderLayout.of(arch, Head.MLP, DIM);
        int floats = FlatLayout.length(layout.parameters());
        try (NDManager manager = TorchEngine.start(1, Device.gpu());
                Nccl rank = Nccl.ofOneRank(System.getenv())) {
            NDArray gradient = manager.ones(new Shape(floats));
            NDArray sum = manager.zeros(new Shape(floats), DataType.FLOAT32);
            Timings timings = repetitions.time(number -> {
                for (int i = 0; i < REDUCTIONS; i++) {
                    rank.allReduce(gradient, sum);
                }
                requireSum(sum);
            });
            bench.print(report(floats, timings), 1);
        }
        return 0;
    }

    /** Checks the last sum; reading it waits for the device. */
    private static void requireSum(NDArray sum) {
        float last = sum.getFloat(sum.size() - 1);
        if (last != 1) {
            throw new IllegalStateException("the sum of ones over one rank must be 1, found " + last);
        }
    }

    private BenchReport report(int floats, Timings timings) {
        String version = Nccl.version(System.getenv());
        double gigabytes = 1e-9 * Float.BYTES * floats * REDUCTIONS;
        return new BenchReport(
                        "nccl",
                        "bench nccl: all-reduce of " + floats + " floats over 1 rank, NCCL " + version,
                        Map.of("arch", arch.id(), "floats", floats, "ranks", 1, "nccl", version))
                .seconds(timings)
                .spread("gigabytesPerSecond", timings.rates(gigabytes))
                .line("all-reduce", BenchReport.text(timings.rates(gigabytes), " GB/s"));
    }
}
