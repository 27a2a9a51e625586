package dev.moco.training.weights.exchange;

import static dev.moco.training.VectorNumbers.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Precision;
import dev.moco.training.VectorNumbers;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Imported encoders compute the features and head outputs that PyTorch computes with the same file. */
class ImportedFeaturesTest {
    private static final int SIDE = 32;
    private static final int IMAGES = 2;

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "moco_v2_legacy.pth.tar, q_mlp",
        "detectron2_protocol3.pkl, q_mlp",
        "resnet_tar.pth, supervised",
        "huggingface.safetensors, supervised"
    })
    void featuresAreThoseOfPyTorch(String name, String encoder) throws IOException {
        JsonNode expected = WeightFiles.expected();
        JsonNode features = expected.get("features").get(encoder);
        double tolerance = expected.get("features").get("tolerance").asDouble();
        EncoderState read = WeightFiles.read(WeightFiles.folder().resolve(name)).encoder();
        Path file = folder.resolve(EncoderFile.NAME);
        EncoderExport.writeOurs(file, read);
        EncoderLayout layout = layout(read);
        EncoderWeights weights = EncoderFile.read(file, layout);

        long seed = 7950 + expected.get("seed_offset").asLong();
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = TorchProgram.compile(
                        Device.cpu(),
                        "/dev/moco/training/resnet/pair_gradient.py",
                        "/dev/moco/training/resnet/every_map.py")) {
            NDArray images = manager.create(
                            VectorNumbers.symmetric(seed, IMAGES * 3 * SIDE * SIDE), new Shape(IMAGES, 3, SIDE, SIDE))
                    .toType(DataType.FLOAT32, false);
            List<Object> arguments = new EncoderArguments(layout, Precision.FLOAT32)
                    .of(manager.create(weights.parameters()), manager.create(weights.statistics()));
            BiConsumer<NDArray, JsonNode> equal = (found, numbers) -> {
                float[] ours = found.toFloatArray();
                double[] theirs = doubles(numbers);
                assertThat(ours).hasSameSizeAs(theirs);
                for (int i = 0; i < ours.length; i++) {
                    assertThat((double) ours[i]).isCloseTo(theirs[i], within(tolerance));
                }
            };
            List<NDArray> maps = program.call(manager, "every_map", arguments, images, -1.0);
            equal.accept(maps.get(maps.size() - 1), features.get("pooled"));
            equal.accept(
                    program.call(manager, "project", arguments, images, -1.0).singletonOrThrow(), features.get("head"));
        }
    }

    /** The layout of an encoder with its head. */
    private static EncoderLayout layout(EncoderState encoder) {
        List<EncoderLayout.HeadWeight> head = new ArrayList<>();
        encoder.tensors().forEach((name, tensor) -> {
            if (name.startsWith("fc.")) {
                String weight = name.replaceFirst("bias$", "weight");
                int in = Objects.requireNonNull(encoder.tensors().get(weight))
                        .shape()
                        .get(1);
                head.add(new EncoderLayout.HeadWeight(name, in, tensor.shape()));
            }
        });
        return new EncoderLayout(encoder.resnet(), head);
    }
}
