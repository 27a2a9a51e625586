package dev.moco.training.weights.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.peer.Peer;
import dev.moco.training.peer.SyntheticImages;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.resnet.FeatureEncoder;
import dev.moco.training.weights.exchange.EncoderExport.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A ResNet-50 from PyTorch to here, and from here to torchvision, timm, detectron2, safetensors and NumPy. */
@Tag("peer")
class ExchangePeerTest {
    private static final Logger LOG = LoggerFactory.getLogger(ExchangePeerTest.class);
    private static final int IMAGES = 4;
    private static final int SIDE = 64;
    private static final double EQUAL = 1e-5;
    private static final int QUEUE_SIZE = 64;
    private static final Pattern PYTHON = Pattern.compile("```python\\n(.*?)```", Pattern.DOTALL);
    private static final byte[] PIXELS = SyntheticImages.images(IMAGES, SIDE, 1, 0);

    @Test
    void aCheckpointOfPyTorchComesInAndGoesOut(@TempDir Path folder) throws IOException, InterruptedException {
        Path theirs = Files.createDirectory(folder.resolve("theirs"));
        Peer saved = peer(theirs);
        saved.settings().put("queueSize", QUEUE_SIZE);
        saved.run("saved");

        Path checkpoint = theirs.resolve("moco.pth.tar");
        ImportedEncoder read = EncoderImport.read(checkpoint);
        ImportedEncoder legacy = EncoderImport.read(theirs.resolve("moco_legacy.pth.tar"));

        assertThat(read.encoder().architecture()).isEqualTo("resnet50");
        assertThat(WeightFiles.hashes(legacy.encoder())).isEqualTo(WeightFiles.hashes(read.encoder()));
        assertThat(read.keyEncoder().map(WeightFiles::hashes))
                .isEqualTo(legacy.keyEncoder().map(WeightFiles::hashes))
                .isPresent();
        assertThat(read.pointer()).hasValue(QUEUE_SIZE / 2);
        assertThat(read.queue().orElseThrow().shape()).containsExactly(128, QUEUE_SIZE);
        double[] queue = new double[128 * QUEUE_SIZE];
        for (int i = 0; i < queue.length; i++) {
            queue[i] = read.queue().orElseThrow().values()[i];
        }
        assertThat(saved.difference("queue", queue)).isZero();
        double[] ours = features(read.encoder(), folder);
        double imported = saved.difference("features", ours);

        Path exports = Files.createDirectory(folder.resolve("exports"));
        Peer exported = peer(exports);
        exported.settings().put("checkpoint", checkpoint.toString());
        for (Target target : Target.values()) {
            EncoderState encoder = read.encoder();
            EncoderExport.write(
                    exports.resolve(RoundTripTest.name(target)),
                    target == Target.detectron2 ? encoder : encoder.withoutHead(),
                    target);
        }
        exported.run("exported");

        LOG.info("imported={}", imported);
        assertThat(imported).isLessThanOrEqualTo(EQUAL);
        for (String program : List.of("torchvision", "timm", "safetensors", "npz")) {
            double difference = exported.difference(program, ours);
            LOG.info("program={} difference={}", program, difference);
            assertThat(difference).as(program).isLessThanOrEqualTo(EQUAL);
        }

        Path documented = Files.createDirectory(folder.resolve("documented"));
        EncoderExport.writeOurs(documented.resolve(EncoderFile.NAME), read.encoder());
        EncoderState backbone = read.encoder().withoutHead();
        EncoderExport.write(documented.resolve("encoder.pth"), backbone, Target.torchvision);
        EncoderExport.write(documented.resolve("encoder-timm.pth"), backbone, Target.timm);
        EncoderExport.write(documented.resolve("encoder.pkl"), backbone, Target.detectron2);
        linesOfTheDocument(documented, ours);
    }

    /** Runs the Python of docs/pytorch.md; its lines for detectron2 only where that is installed. */
    private static void linesOfTheDocument(Path folder, double[] ours) throws IOException, InterruptedException {
        Matcher block = PYTHON.matcher(Files.readString(Path.of("../../docs/pytorch.md")));
        Peer document = peer(folder);
        ArrayNode lines = document.settings().putArray("lines");
        while (block.find()) {
            lines.add(block.group(1));
        }
        assertThat(lines).hasSizeGreaterThan(3);
        assertThat(lines.get(3).textValue()).contains("detectron2");
        document.run("documented");
        for (int i = 0; i < 3; i++) {
            assertThat(document.difference("lines" + i, ours))
                    .as(lines.get(i).textValue())
                    .isLessThanOrEqualTo(EQUAL);
        }
    }

    private static Peer peer(Path folder) throws IOException {
        Peer peer = new Peer(folder, DataType.FLOAT32);
        peer.settings().put("architecture", "resnet50");
        peer.give("images", List.of(IMAGES, SIDE, SIDE, 3), SyntheticImages.numbers(PIXELS));
        return peer;
    }

    /** Features by way of the file that pre-training commits. */
    private static double[] features(EncoderState encoder, Path folder) throws IOException {
        Path file = folder.resolve(EncoderFile.NAME);
        EncoderExport.writeOurs(file, encoder);
        EncoderLayout layout = EncoderLayout.backbone(Architecture.RESNET50);
        EncoderWeights weights = EncoderFile.read(file, layout);
        try (NDManager manager = TorchEngine.start(1);
                FeatureEncoder features = new FeatureEncoder(
                        layout,
                        manager.create(weights.parameters()),
                        manager.create(weights.statistics()),
                        Precision.FLOAT32)) {
            ByteBuffer pixels =
                    ByteBuffer.allocateDirect(PIXELS.length).put(PIXELS).flip();
            return Peer.doubles(features.features(manager, pixels, IMAGES, SIDE));
        }
    }
}
