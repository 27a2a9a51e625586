package dev.moco.training.weights.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.weights.formats.WeightFile;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file that must be read gives the tensors that are expected, to the last bit. */
class ReadableFilesTest {
    private static final Map<String, WeightFile.Format> FORMATS = Map.of(
            "zip", WeightFile.Format.TORCH_ZIP,
            "legacy", WeightFile.Format.TORCH_LEGACY,
            "tar", WeightFile.Format.TORCH_TAR,
            "detectron2", WeightFile.Format.ARRAY_PICKLE,
            "safetensors", WeightFile.Format.SAFETENSORS,
            "npz", WeightFile.Format.NPZ);

    static Stream<Arguments> files() {
        return WeightFiles.entries(WeightFiles.expected().get("files"))
                .map(file -> Arguments.of(file.get("file").asText(), file));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void tensorsAreThoseExpected(String name, JsonNode expected) throws IOException {
        ImportedEncoder found = WeightFiles.read(WeightFiles.folder().resolve(name));

        assertThat(WeightFiles.hashes(found.encoder()))
                .isEqualTo(WeightFiles.expectedHashes(expected.get("encoder").asText()));
        assertThat(found.format()).isEqualTo(FORMATS.get(expected.get("format").asText()));
        assertThat(found.naming().name().toLowerCase(Locale.ROOT).replace("_", ""))
                .isEqualTo(expected.path("names").asText("torchvision"));
        List<String> ignored = WeightFiles.entries(expected.path("ignored"))
                .map(JsonNode::asText)
                .toList();
        assertThat(found.besides()).containsAll(ignored);
        assertThat(found.queue().isPresent()).isEqualTo(ignored.stream().anyMatch(one -> one.endsWith("queue")));
        assertThat(found.pointer().isPresent()).isEqualTo(found.queue().isPresent());
        assertThat(found.keyEncoder().isPresent())
                .isEqualTo(ignored.stream().anyMatch(one -> one.contains("encoder_k.")));
    }
}
