package dev.moco.training.weights.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Architecture;
import dev.moco.training.Vectors;
import dev.moco.training.detect.model.DetectorLayout;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import dev.moco.training.weights.exchange.EncoderExport.Target;
import dev.moco.training.weights.formats.WeightFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vector 60: names of tensors, and detectron2's way to find them by the ends of names. */
class KeyMapsVectorTest {
    private final JsonNode vector = Vectors.read("60_key_maps.json");

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "torchvision_to_detectron2_resnet18, DETECTRON2, RESNET18",
        "torchvision_to_detectron2_resnet50_sample, DETECTRON2, RESNET50",
        "torchvision_to_huggingface_resnet50_sample, HUGGING_FACE, RESNET50",
        "torchvision_to_caffe2_resnet50_sample, CAFFE2, RESNET50"
    })
    void namesAreThoseOfTheProgram(String map, Naming naming, Architecture architecture) {
        List<String> ours =
                Expected.of(architecture.resnet()).stream().map(Expected::name).toList();
        for (Map.Entry<String, JsonNode> entry : vector.get(map).properties()) {
            String torchvision = entry.getKey();

            assertThat(naming.of(torchvision)).hasValue(entry.getValue().asText());
            assertThat(torchvision)
                    .satisfiesAnyOf(
                            name -> assertThat(name).startsWith("fc."),
                            name -> assertThat(ours).contains(name));
        }
    }

    @Test
    void everyNameOfTheSampleIsTranslatedInAnyOrder() {
        for (JsonNode name : vector.get("sample_in_another_order")) {
            String torchvision = name.asText();

            assertThat(Naming.TORCHVISION.of(torchvision)).hasValue(torchvision);
            assertThat(Naming.DETECTRON2.of(torchvision)).isPresent();
            assertThat(Naming.HUGGING_FACE.of(torchvision)).isPresent();
            assertThat(Naming.CAFFE2.of(torchvision).isPresent()).isNotEqualTo(torchvision.endsWith(Expected.COUNTER));
        }
    }

    @Test
    void aResNet50HasAsManyTensors() {
        JsonNode counts = vector.get("counts_resnet50");
        List<Expected> all = new ArrayList<>(Expected.of(Architecture.RESNET50.resnet()));
        assertThat(all).hasSize(counts.get("without_fc").asInt());
        all.addAll(Expected.linear("fc", 2048, 1000));
        assertThat(all).hasSize(counts.get("tensors_in_state_dict").asInt());
        assertThat(all.stream().filter(one -> one.kind() != Expected.ParameterKind.COUNTER))
                .hasSize(counts.get("without_num_batches_tracked").asInt());
    }

    @Test
    void detectron2FillsItsDetectorFromAnExportedFile() throws IOException {
        JsonNode expected = vector.get("matching_heuristics");
        EncoderLayout layout = EncoderLayout.backbone(Architecture.RESNET50);
        Path ours = folder.resolve(EncoderFile.NAME);
        EncoderFile.write(ours, layout, EncoderWeights.initial(layout, 1));
        Path file = folder.resolve("encoder.pkl");
        EncoderExport.write(file, EncoderImport.read(ours).encoder(), Target.detectron2);
        List<String> checkpoint = new ArrayList<>();
        try (WeightFile exported = WeightFile.open(file)) {
            checkpoint.addAll(StateDict.of(exported).tensors().keySet());
        }
        checkpoint.addAll(List.of("stem.fc.weight", "stem.fc.bias"));
        DetectorLayout detector = DetectorLayout.of(Architecture.RESNET50, 15, 20);
        List<String> model = Stream.concat(detector.flat().parameters().stream(), detector.flat().statistics().stream())
                .map(FlatTensor::name)
                .toList();

        Map<String, String> filled = matched(model, checkpoint);

        assertThat(filled).hasSize(expected.get("detector_keys_filled").asInt());
        expected.get("first_filled")
                .properties()
                .forEach(entry -> assertThat(filled)
                        .containsEntry(entry.getKey(), entry.getValue().asText()));
        expected.get("res5_goes_to")
                .properties()
                .forEach(entry -> assertThat(filled)
                        .containsEntry(
                                "roi_heads." + entry.getKey(), entry.getValue().asText()));
        List<String> missing = new ArrayList<>(model);
        missing.removeAll(filled.keySet());
        assertThat(missing)
                .containsExactlyInAnyOrderElementsOf(WeightFiles.entries(expected.get("not_in_file"))
                        .map(JsonNode::asText)
                        .toList());
        checkpoint.removeAll(filled.values());
        assertThat(checkpoint.stream().filter(name -> name.endsWith(Expected.COUNTER)))
                .hasSize(expected.get("unused_num_batches_tracked").asInt());
        assertThat(checkpoint.stream().filter(name -> !name.endsWith(Expected.COUNTER)))
                .containsExactlyInAnyOrderElementsOf(WeightFiles.entries(expected.get("unused_keys_of_the_file"))
                        .map(JsonNode::asText)
                        .toList());
    }

    @Test
    void detectron2MatchesTheLongestEnd() {
        for (JsonNode edge : vector.get("matching_heuristics").get("edge_cases")) {
            List<String> model =
                    WeightFiles.entries(edge.get("model")).map(JsonNode::asText).toList();
            List<String> checkpoint = WeightFiles.entries(edge.get("checkpoint"))
                    .map(JsonNode::asText)
                    .toList();
            if (edge.get("filled").isObject()) {
                Map<String, String> filled = new TreeMap<>();
                edge.get("filled")
                        .properties()
                        .forEach(entry ->
                                filled.put(entry.getKey(), entry.getValue().asText()));
                assertThat(matched(model, checkpoint)).isEqualTo(filled);
            } else {
                assertThatThrownBy(() -> matched(model, checkpoint)).hasMessageContaining("two model keys");
            }
        }
    }

    @Test
    void onlyTheQueryEncoderOfACheckpointIsTaken() throws IOException {
        JsonNode checkpoint = vector.get("moco_checkpoint");
        ImportedEncoder read = WeightFiles.read(WeightFiles.folder().resolve("moco_v2_zip.pth.tar"));

        assertThat(read.besides())
                .containsAll(WeightFiles.entries(checkpoint.get("ignored"))
                        .map(JsonNode::asText)
                        .toList());
        checkpoint.get("taken_name_to_key").properties().forEach(entry -> {
            assertThat(read.encoder().tensors()).containsKey(entry.getKey());
            assertThat(read.besides()).doesNotContain(entry.getValue().asText());
        });
    }

    /** detectron2's matching: the longest key of the file that is a model's key, or its end after a dot. */
    private static Map<String, String> matched(List<String> model, List<String> checkpoint) {
        Map<String, String> filled = new TreeMap<>();
        for (String key : model) {
            Optional<String> longest = checkpoint.stream()
                    .filter(name -> key.equals(name) || key.endsWith("." + name))
                    .max((one, other) -> Integer.compare(one.length(), other.length()));
            longest.ifPresent(name -> {
                if (filled.containsValue(name)) {
                    throw new IllegalStateException(name + " matches two model keys");
                }
                filled.put(key, name);
            });
        }
        return filled;
    }
}
