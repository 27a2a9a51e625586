package dev.moco.training.peer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.moco.contract.CanonicalJson;
import dev.moco.training.peer.QuickstartRun.Curves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The quickstart learns as plain PyTorch does: the whole pre-training and linear classification by the stages and in {@code
 * peers/learning.py}, over three seeds, which draw different numbers in the two. {@code -Dmoco.chart=write} updates {@code
 * docs/learning.svg}.
 */
@Tag("peer")
class QuickstartPeerTest {
    private static final Logger LOG = LoggerFactory.getLogger(QuickstartPeerTest.class);
    private static final long[] SEEDS = {0, 100, 200};
    /** Difference of two means, in standard deviations between seeds. */
    private static final double DEVIATIONS = 2;
    /** Difference of two means that is allowed however near the seeds are. */
    private static final double LOSS_FLOOR = 0.02;

    private static final double PERCENT_FLOOR = 1;

    /** Fields of the experiment that are not the defaults. */
    private static final String SETTINGS = """
              pretrain:
                arch: resnet10w16
                imageSize: 32
                epochs: 20
                batchSize: 128
                ranks: 2
                queueSize: 4096
                learningRate: 0.06
                keyMomentum: 0.99
                knn: {everyEpochs: 4}
              linear:
                baseline: true
                epochs: 10
                batchSize: 256
                learningRate: 10
                milestones: [6, 8]
            """;

    @Test
    void learnsAsPyTorchWithinTheSpreadOfSeeds(@TempDir Path folder) throws IOException, InterruptedException {
        assertThat(QuickstartRun.experiment()).contains(SETTINGS);
        QuickstartRun quickstart = new QuickstartRun(folder);
        Peer peer = new Peer(folder, DataType.FLOAT32);
        ArrayNode seeds = peer.settings().putArray("seeds");
        List<Curves> ours = new ArrayList<>();
        for (long seed : SEEDS) {
            seeds.add(seed);
            Curves curves = quickstart.curves(seed);
            give(peer, "loss." + seed, curves.loss());
            give(peer, "knn." + seed, curves.knn());
            give(peer, "linear." + seed, curves.linear());
            ours.add(curves);
        }
        peer.settings().put("prepared", quickstart.copyOfPrepared().toString());
        peer.settings().set("pretrain", tree(QuickstartRun.PRETRAIN));
        peer.settings().set("linear", tree(QuickstartRun.LINEAR));
        peer.settings().set("knn", tree(QuickstartRun.KNN));
        peer.run("learning");
        keepChart(folder.resolve("learning.svg"));

        List<Curves> pyTorchs = new ArrayList<>();
        for (long seed : SEEDS) {
            pyTorchs.add(
                    new Curves(peer.result("loss." + seed), peer.result("knn." + seed), peer.result("linear." + seed)));
        }
        assertThat(ours).allSatisfy(curves -> assertThat(atEnd(curves.knn())).isGreaterThan(curves.knn()[0]));
        assertClose("loss of the last epoch", LOSS_FLOOR, ours, pyTorchs, curves -> atEnd(curves.loss()));
        assertClose("kNN top-1", PERCENT_FLOOR, ours, pyTorchs, curves -> atEnd(curves.knn()));
        assertClose(
                "linear top-1",
                PERCENT_FLOOR,
                ours,
                pyTorchs,
                curves -> Arrays.stream(curves.linear()).max().orElseThrow());
    }

    private static void give(Peer peer, String name, double[] values) throws IOException {
        peer.give(name, List.of(values.length), values);
    }

    private static JsonNode tree(Object settings) throws IOException {
        return new ObjectMapper().readTree(CanonicalJson.bytes(settings));
    }

    private static void keepChart(Path chart) throws IOException {
        Files.copy(chart, Path.of("target", "learning.svg"), StandardCopyOption.REPLACE_EXISTING);
        if ("write".equals(System.getProperty("moco.chart"))) {
            Files.copy(chart, Path.of("..", "..", "docs", "learning.svg"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static double atEnd(double[] values) {
        return values[values.length - 1];
    }

    private static void assertClose(
            String name, double floor, List<Curves> ours, List<Curves> pyTorchs, ToDoubleFunction<Curves> metric) {
        double[] a = ours.stream().mapToDouble(metric).toArray();
        double[] b = pyTorchs.stream().mapToDouble(metric).toArray();
        double pooled = Math.sqrt((variance(a) + variance(b)) / 2);
        LOG.info("{}: ours={} pytorch={} pooled={}", name, text(a), text(b), pooled);
        assertThat(Math.abs(mean(a) - mean(b)))
                .as("%s: difference of the means of %s and PyTorch's %s", name, text(a), text(b))
                .isLessThanOrEqualTo(DEVIATIONS * pooled + floor);
    }

    private static double mean(double[] values) {
        return DoubleStream.of(values).average().orElseThrow();
    }

    /** Sample variance. */
    private static double variance(double[] values) {
        double mean = mean(values);
        return DoubleStream.of(values).map(value -> Math.pow(value - mean, 2)).sum() / (values.length - 1);
    }

    private static String text(double[] values) {
        return DoubleStream.of(values)
                .mapToObj(value -> String.format(Locale.ROOT, "%.4g", value))
                .toList()
                .toString();
    }
}
