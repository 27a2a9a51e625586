package dev.moco.training.pretrain.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.Shuffle;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.endtoend.EndToEnd.EndToEndSettings;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The batch of Table 3 that did not fit the paper's GPUs, with a small encoder: 4,096 images in groups of 32. */
class LargeBatchTest {
    private static final int BATCH = 4096;
    private static final int GROUP = 32;
    private static final int RANKS = 8;
    private static final int SIDE = 32;
    private static final double TEMPERATURE = 0.2;
    private static final EncoderLayout LAYOUT = EncoderLayout.of(Architecture.RESNET10W16, Head.MLP, 32);
    private static final EncoderArguments ARGUMENTS = new EncoderArguments(LAYOUT, Precision.FLOAT32);

    @Test
    void cachedGradientsAreThoseOfOneGraphAndTheirMemoryDoesNotFollowTheBatch() throws Exception {
        try (NDManager manager = TorchEngine.start(1);
                RankThreads threads = new RankThreads(1);
                EndToEnd endToEnd = endToEnd(manager, threads);
                TorchProgram oneGraph =
                        TorchProgram.compile(Device.cpu(), "/dev/moco/training/pretrain/endtoend/one_graph.py")) {
            NDArray[] views = {images(manager, 0), images(manager, 1)};
            gradients(manager, endToEnd, views, GROUP * RANKS); // compiles
            long small = peakGrowth(() -> gradients(manager, endToEnd, views, 2 * GROUP * RANKS));
            double[] cachedLoss = new double[1];
            long cached = peakGrowth(() -> cachedLoss[0] = gradients(manager, endToEnd, views, BATCH));
            NDArray query = endToEnd.queryGradient().div(RANKS);
            NDArray key = endToEnd.keyGradient().div(RANKS);
            NDArray wholeQuery = query.zerosLike();
            NDArray wholeKey = key.zerosLike();
            double[] wholeLoss = new double[1];
            long whole = peakGrowth(() -> wholeLoss[0] = oneGraph(manager, oneGraph, views, wholeQuery, wholeKey));
            assertThat(cachedLoss[0]).isCloseTo(wholeLoss[0], within(1e-4));
            assertNear(query, wholeQuery);
            assertNear(key, wholeKey);
            // Eight times the batch: the shuffled images, 12 MiB, and some copies of a rank's logits, 8 MiB each.
            assertThat(cached - small).isLessThan(192 << 20);
            assertThat(whole - cached).isGreaterThan(768 << 20);
        }
    }

    private static void assertNear(NDArray found, NDArray expected) {
        double largest = expected.abs().max().getFloat();
        assertThat(largest).isPositive();
        double difference = found.sub(expected).abs().max().getFloat();
        assertThat(difference).isLessThan(1e-4 * largest);
    }

    private static EndToEnd endToEnd(NDManager manager, RankThreads threads) {
        return new EndToEnd(
                TorchProgram.compile(manager.getDevice(), Map.of(), EndToEnd.PROGRAM),
                LAYOUT,
                new EndToEndSettings(RANKS, GROUP, TEMPERATURE, false, 0.9, 0, Precision.FLOAT32),
                encoder(manager, 1),
                Optional.of(encoder(manager, 2)),
                threads,
                Collectives.ALONE);
    }

    private static TrainedEncoder encoder(NDManager manager, long seed) {
        String name = "encoder";
        return TrainedEncoder.of(
                name,
                TrainedEncoder.initial(
                        List.of(name),
                        manager,
                        LAYOUT,
                        numbers -> EncoderWeights.drawParameters(LAYOUT, seed, numbers)));
    }

    /** Computes both gradients and returns the mean loss. */
    private static double gradients(NDManager manager, EndToEnd endToEnd, NDArray[] views, int batch) {
        try (NDManager scope = manager.newSubManager()) {
            return endToEnd
                    .gradients(scope, views[0].get(":" + batch), views[1].get(":" + batch), Shuffle.of(5, 0, batch))
                    .byRank()
                    .stream()
                    .mapToDouble(loss -> loss.get(0).getFloat(0))
                    .average()
                    .orElseThrow();
        }
    }

    private static double oneGraph(
            NDManager manager, TorchProgram program, NDArray[] views, NDArray queryGradient, NDArray keyGradient) {
        try (NDManager scope = manager.newSubManager()) {
            int[] shuffle = Shuffle.of(5, 0, BATCH);
            TrainedEncoder query = encoder(scope, 1);
            TrainedEncoder key = encoder(scope, 2);
            return program.callWithGradients(
                            scope,
                            "one_graph",
                            ARGUMENTS.of(query.parameters(), query.statistics()),
                            ARGUMENTS.of(key.parameters(), key.statistics()),
                            new NDList(queryGradient, keyGradient),
                            new NDList(views[0], views[1].get(indices(scope, shuffle))),
                            indices(scope, Shuffle.inverse(shuffle)),
                            BATCH / GROUP,
                            TEMPERATURE)
                    .singletonOrThrow()
                    .getFloat();
        }
    }

    private static NDArray indices(NDManager scope, int[] indices) {
        return scope.create(Arrays.stream(indices).asLongStream().toArray());
    }

    private static NDArray images(NDManager scope, int view) {
        byte[] pixels = new byte[BATCH * SIDE * SIDE * 3];
        CounterRandom.of(4, view).nextBytes(pixels);
        ByteBuffer direct = ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
        return scope.create(direct, new Shape(BATCH, SIDE, SIDE, 3), DataType.UINT8);
    }

    /** Most resident memory during some work beyond that before it, bytes. */
    private static long peakGrowth(Runnable work) throws IOException {
        Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // resets the peak
        long before = status("VmRSS:");
        long heap = Runtime.getRuntime().totalMemory();
        work.run();
        // The heap is touched as it grows, which is none of the step's.
        return status("VmHWM:") - before - Math.max(0, Runtime.getRuntime().totalMemory() - heap);
    }

    private static long status(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
