package dev.moco.training.weights.exchange;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moco.contract.ResNet;
import dev.moco.contract.ResNet.Block;
import dev.moco.contract.ResNet.Convolution;
import dev.moco.contract.Sha256;
import dev.moco.training.weights.Safetensors.FloatTensor;
import dev.moco.training.weights.exchange.Fit.Candidate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Files of weights with their expected content, from the folder in the system property {@code moco.weights} or else from
 * resources. Their network is a ResNet of four bottlenecks, whose sizes the folder states.
 */
public final class WeightFiles {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Integer> STRIDES = List.of(1, 2, 2, 2);

    private static final Candidate NETWORK = network();

    private WeightFiles() {}

    public static Path folder() {
        String folder = System.getProperty("moco.weights", "");
        try {
            return folder.isEmpty()
                    ? Path.of(Objects.requireNonNull(WeightFiles.class.getResource("/weights"))
                            .toURI())
                    : Path.of(folder);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public static JsonNode expected() {
        return read("expected.json");
    }

    static JsonNode hostile() {
        return read("hostile/hostile.json");
    }

    public static Stream<JsonNode> entries(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    private static JsonNode read(String name) {
        try {
            return JSON.readTree(folder().resolve(name).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The network with the sizes of an encoder's tensors. */
    private static Candidate network() {
        JsonNode shapes = expected().get("encoders").get("supervised").get("shapes");
        List<List<Block>> layers = new ArrayList<>();
        for (int layer = 1; shapes.has("layer" + layer + ".0.conv1.weight"); layer++) {
            String block = "layer" + layer + ".0.";
            int stride = STRIDES.get(layer - 1);
            List<Convolution> convolutions = List.of(
                    convolution(shapes, block + "conv1", block + "bn1", 1),
                    convolution(shapes, block + "conv2", block + "bn2", stride),
                    convolution(shapes, block + "conv3", block + "bn3", 1));
            layers.add(List.of(new Block(
                    convolutions,
                    Optional.of(convolution(shapes, block + "downsample.0", block + "downsample.1", stride)))));
        }
        return new Candidate("tiny", new ResNet(convolution(shapes, "conv1", "bn1", 2), true, layers));
    }

    private static Convolution convolution(JsonNode shapes, String name, String norm, int stride) {
        JsonNode shape = shapes.get(name + ".weight");
        return new Convolution(
                name,
                norm,
                shape.get(1).asInt(),
                shape.get(0).asInt(),
                shape.get(2).asInt(),
                stride);
    }

    /** Reads a file of the network. */
    public static ImportedEncoder read(Path file) throws IOException {
        return EncoderImport.readCandidates(file, List.of(NETWORK));
    }

    /** SHA-256 of each tensor by name. */
    static Map<String, String> hashes(EncoderState encoder) {
        Map<String, String> hashes = new TreeMap<>();
        encoder.tensors().forEach((name, tensor) -> hashes.put(name, hash(tensor)));
        encoder.counters()
                .forEach((name, count) -> hashes.put(
                        name,
                        Sha256.of(ByteBuffer.allocate(Long.BYTES)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putLong(count)
                                .array())));
        return hashes;
    }

    static String hash(FloatTensor tensor) {
        ByteBuffer bytes =
                ByteBuffer.allocate(Float.BYTES * tensor.values().length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(tensor.values());
        return Sha256.of(bytes.array());
    }

    /** The SHA-256 that the folder states, by the name of an encoder. */
    static Map<String, String> expectedHashes(String encoder) {
        JsonNode expected = expected();
        boolean counted = !encoder.equals("supervised_no_counters");
        JsonNode stated = expected.get("other_hashes").has(encoder)
                ? expected.get("other_hashes").get(encoder)
                : expected.get("encoders").get(counted ? encoder : "supervised").get("sha256");
        Map<String, String> hashes = new TreeMap<>();
        stated.properties()
                .forEach(entry -> hashes.put(
                        entry.getKey(),
                        counted || !entry.getKey().endsWith(Expected.COUNTER)
                                ? entry.getValue().asText()
                                : Sha256.of(new byte[Long.BYTES])));
        return hashes;
    }
}
