package dev.moco.training.weights.formats;

import dev.moco.training.weights.Safetensors.FloatTensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes named tensors as files that other programs read; equal tensors make equal bytes. */
public final class WeightWriter {
    private static final int TORCH_PROTOCOL = 2;
    private static final int ARRAY_PROTOCOL = 3;
    private static final String AUTHOR = "moco";

    private WeightWriter() {}

    /** Writes to a new file. */
    private interface Body {
        void write(OutputStream out) throws IOException;
    }

    /** A state dict as {@code torch.save} writes it. */
    public static void torch(Path file, Map<String, FloatTensor> tensors, Map<String, Long> counters)
            throws IOException {
        Map<String, TensorBytes> all = TensorBytes.of(tensors, counters);
        write(file, out -> torch(out, all, pickle -> stateDict(pickle, all)));
    }

    /** A checkpoint of timm: the state dict beside the name of the architecture. */
    public static void timm(
            Path file, String architecture, Map<String, FloatTensor> tensors, Map<String, Long> counters)
            throws IOException {
        Map<String, TensorBytes> all = TensorBytes.of(tensors, counters);
        write(
                file,
                out -> torch(out, all, pickle -> {
                    pickle.opcode('}').mark().text("arch").text(architecture).text("state_dict");
                    stateDict(pickle, all);
                    pickle.opcode('u');
                }));
    }

    /** A pickle of arrays as detectron2's model zoo has them, to be matched by the ends of names. */
    public static void detectron2(Path file, Map<String, FloatTensor> tensors, Map<String, Long> counters)
            throws IOException {
        Map<String, TensorBytes> all = TensorBytes.of(tensors, counters);
        write(file, out -> {
            PickleWriter pickle = new PickleWriter(out, ARRAY_PROTOCOL);
            pickle.opcode('}').mark().text("model").opcode('}').mark();
            for (Map.Entry<String, TensorBytes> tensor : all.entrySet()) {
                pickle.text(tensor.getKey());
                array(pickle, tensor.getValue());
            }
            pickle.opcode('u')
                    .text("__author__")
                    .text(AUTHOR)
                    .text("matching_heuristics")
                    .truth(true)
                    .opcode('u');
            pickle.stop();
        });
    }

    /** An archive of arrays, as {@code numpy.savez} writes it. */
    public static void npz(Path file, Map<String, FloatTensor> tensors, Map<String, Long> counters) throws IOException {
        write(file, out -> {
            try (ZipWriter zip = new ZipWriter(out)) {
                for (Map.Entry<String, TensorBytes> tensor :
                        TensorBytes.of(tensors, counters).entrySet()) {
                    zip.add(tensor.getKey() + ".npy", entry -> {
                        entry.write(npyHeader(tensor.getValue()));
                        tensor.getValue().content().write(entry);
                    });
                }
            }
        });
    }

    private static void write(Path file, Body body) throws IOException {
        try (OutputStream out = new BufferedOutputStream(
                Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            body.write(out);
        }
    }

    /** Writes the saved object of a file of PyTorch. */
    private interface TorchSave {
        void write(PickleWriter pickle) throws IOException;
    }

    private static void torch(OutputStream out, Map<String, TensorBytes> tensors, TorchSave saved) throws IOException {
        try (ZipWriter zip = new ZipWriter(out)) {
            zip.add("archive/data.pkl", entry -> {
                PickleWriter pickle = new PickleWriter(entry, TORCH_PROTOCOL);
                saved.write(pickle);
                pickle.stop();
            });
            zip.add("archive/byteorder", entry -> entry.write("little".getBytes(StandardCharsets.US_ASCII)));
            int key = 0;
            for (TensorBytes tensor : tensors.values()) {
                zip.add("archive/data/" + key++, tensor.content());
            }
            zip.add("archive/version", entry -> entry.write("3\n".getBytes(StandardCharsets.US_ASCII)));
        }
    }

    private static void stateDict(PickleWriter pickle, Map<String, TensorBytes> tensors) throws IOException {
        pickle.emptyOrderedDict().mark();
        int key = 0;
        for (Map.Entry<String, TensorBytes> entry : tensors.entrySet()) {
            TensorBytes tensor = entry.getValue();
            int elements = tensor.shape().stream().reduce(1, Math::multiplyExact);
            pickle.text(entry.getKey());
            pickle.global("torch._utils", "_rebuild_tensor_v2").mark();
            pickle.mark().text("storage").global("torch", tensor.whole() ? "LongStorage" : "FloatStorage");
            pickle.text(String.valueOf(key++))
                    .text("cpu")
                    .whole(elements)
                    .tuple()
                    .opcode('Q');
            pickle.whole(0).wholes(tensor.shape()).wholes(rowStrides(tensor));
            pickle.truth(false).emptyOrderedDict().tuple().call();
        }
        pickle.opcode('u');
    }

    private static List<Integer> rowStrides(TensorBytes tensor) {
        Integer[] strides = new Integer[tensor.shape().size()];
        int stride = 1;
        for (int axis = strides.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= tensor.shape().get(axis);
        }
        return List.of(strides);
    }

    /** An array by NumPy 1's names, which NumPy 2 reads too. */
    private static void array(PickleWriter pickle, TensorBytes tensor) throws IOException {
        pickle.global("numpy.core.multiarray", "_reconstruct").mark();
        pickle.global("numpy", "ndarray").wholes(List.of(0)).text("b").tuple().call();
        pickle.mark().whole(1).wholes(tensor.shape());
        pickle.global("numpy", "dtype")
                .mark()
                .text(tensor.whole() ? "i8" : "f4")
                .truth(false)
                .truth(true);
        pickle.tuple().call();
        pickle.mark().whole(3).text("<").opcode('N').opcode('N').opcode('N');
        pickle.whole(-1).whole(-1).whole(0).tuple().opcode('b');
        pickle.truth(false).bytes(tensor).tuple().opcode('b');
    }

    /** Header of an .npy file, padded so that the numbers begin at a multiple of 64 bytes. */
    private static byte[] npyHeader(TensorBytes tensor) {
        String shape = tensor.shape().stream()
                .map(size -> size + ",")
                .collect(Collectors.joining(" ", "(", ")"))
                .replaceFirst("(\\d+, .*\\d),\\)", "$1)");
        String fields = "{'descr': '" + (tensor.whole() ? "<i8" : "<f4") + "', 'fortran_order': False, 'shape': "
                + shape + ", }";
        int start = 10;
        int padding = Math.floorMod(-(start + fields.length() + 1), 64);
        String header = fields + " ".repeat(padding) + "\n";
        return ("\u0093NUMPY\u0001\0" + (char) (header.length() & 255) + (char) (header.length() >> 8) + header)
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
