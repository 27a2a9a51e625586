package dev.moco.training.peer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** A run of {@code peers/equal.py} in a folder: its inputs, and the results of PyTorch. */
public final class Peer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path PROGRAM = Path.of("peers", "equal.py").toAbsolutePath();

    private final Path folder;
    private final ObjectNode content = JSON.createObjectNode();
    private final ObjectNode settings = content.putObject("settings");
    private final ObjectNode shapes = content.putObject("shapes");

    /** @param type floating-point type in which PyTorch computes */
    public Peer(Path folder, DataType type) throws IOException {
        this.folder = folder;
        settings.put("type", type.name().toLowerCase(Locale.ROOT));
        Files.createDirectory(folder.resolve("input"));
    }

    /** Settings by the names that the program reads. */
    public ObjectNode settings() {
        return settings;
    }

    public void give(String name, List<Integer> shape, double[] values) throws IOException {
        shapes.putPOJO(name, shape);
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        Files.write(folder.resolve("input").resolve(name), bytes.array());
    }

    /** Adds the tensors of a flat buffer, each under its name. */
    public void give(List<FlatTensor> tensors, double[] flat) throws IOException {
        for (FlatTensor tensor : tensors) {
            give(tensor.name(), tensor.shape(), slice(tensor, flat));
        }
    }

    /** Runs a program; fails with its output if its exit code is not 0. */
    public void run(String program) throws IOException, InterruptedException {
        JSON.writeValue(folder.resolve("input.json").toFile(), content);
        String python = System.getProperty("moco.python", "python3");
        Path output = folder.resolve("printed");
        ProcessBuilder builder = new ProcessBuilder(python, PROGRAM.toString(), program, folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        if (start(builder, python).waitFor() != 0) {
            throw new AssertionError(python + " (-Dmoco.python) " + PROGRAM.getFileName() + " " + program + ": "
                    + Files.readString(output).strip());
        }
    }

    private static Process start(ProcessBuilder builder, String python) throws IOException {
        try {
            return builder.start();
        } catch (IOException e) {
            String needed = Files.readString(PROGRAM.resolveSibling("requirements.txt"))
                    .strip()
                    .replace("\n", ", ");
            throw new AssertionError("-Dmoco.python must be a Python with " + needed + ", found " + python, e);
        }
    }

    /** Largest difference from PyTorch's result, relative to its largest number. */
    public double difference(String name, double[] ours) throws IOException {
        double[] theirs = result(name);
        if (ours.length != theirs.length) {
            throw new AssertionError(name + " has " + ours.length + " numbers, PyTorch's result " + theirs.length);
        }
        double largest = Arrays.stream(theirs).map(Math::abs).max().orElse(0);
        double difference = IntStream.range(0, ours.length)
                .mapToDouble(i -> Math.abs(ours[i] - theirs[i]))
                .max()
                .orElse(0);
        return difference == 0 ? 0 : difference / largest;
    }

    public double difference(String name, NDArray ours) throws IOException {
        return difference(name, doubles(ours));
    }

    /**
     * Largest difference among the tensors of a flat buffer, each relative to its own largest number.
     *
     * @param prefix prefix of the tensors' names in the results
     */
    public double difference(String prefix, List<FlatTensor> tensors, NDArray flat) throws IOException {
        double[] values = doubles(flat);
        double largest = 0;
        for (FlatTensor tensor : tensors) {
            // NaN must not pass; Math.max returns it.
            largest = Math.max(largest, difference(prefix + tensor.name(), slice(tensor, values)));
        }
        return largest;
    }

    /** L2 norm of the difference of a flat buffer, relative to the norm of PyTorch's result. */
    public double distance(String prefix, List<FlatTensor> tensors, NDArray flat) throws IOException {
        double[] values = doubles(flat);
        double differences = 0;
        double squares = 0;
        for (FlatTensor tensor : tensors) {
            double[] theirs = result(prefix + tensor.name());
            for (int i = 0; i < theirs.length; i++) {
                differences += Math.pow(values[tensor.offset() + i] - theirs[i], 2);
                squares += theirs[i] * theirs[i];
            }
        }
        return Math.sqrt(differences / squares);
    }

    /** A result of PyTorch. */
    public double[] result(String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(
                        Files.readAllBytes(folder.resolve("output").resolve(name)))
                .order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[bytes.remaining() / Double.BYTES];
        bytes.asDoubleBuffer().get(values);
        return values;
    }

    /** Converts an array of any type. */
    public static double[] doubles(NDArray array) {
        return array.toType(DataType.FLOAT64, false).toDoubleArray();
    }

    private static double[] slice(FlatTensor tensor, double[] flat) {
        return Arrays.copyOfRange(flat, tensor.offset(), tensor.offset() + tensor.size());
    }
}
