package dev.moco.training.weights.formats;

import dev.moco.contract.StageFailure;
import dev.moco.training.weights.Safetensors;
import dev.moco.training.weights.StoredTensor;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.PickleMap;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A file of weights that is open for reading, of any program's making. It is untrusted: nothing in it is executed, and
 * what it states about itself is compared before it is used.
 */
public final class WeightFile implements AutoCloseable {
    /** Formats, as a person names them. */
    public enum Format {
        TORCH_ZIP("a PyTorch file"),
        TORCH_LEGACY("a PyTorch file of before 1.6"),
        TORCH_TAR("a PyTorch file of before 0.1.10"),
        ARRAY_PICKLE("a pickle of arrays, as of detectron2"),
        SAFETENSORS("a safetensors file"),
        NPZ("an npz file of NumPy");

        private final String text;

        Format(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    private static final int START = 262;

    private final Path path;
    private final FileChannel channel;
    private final Format format;
    private final Object root;

    private WeightFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        Bytes bytes = Bytes.of(channel);
        this.format = format(path, bytes);
        this.root = switch (format) {
            case TORCH_ZIP -> TorchZip.read(bytes);
            case TORCH_LEGACY -> TorchLegacy.read(bytes);
            case TORCH_TAR -> TorchTar.read(bytes);
            case ARRAY_PICKLE -> ArrayPickle.read(bytes);
            case NPZ -> Npz.read(bytes);
            case SAFETENSORS -> safetensors(path, channel, bytes);
        };
    }

    /**
     * Opens a file and reads all but the numbers.
     *
     * @throws StageFailure bad data, naming the place, if it does not follow the rules of its format; its cause is a
     *     {@link RefusedException}, but for safetensors
     */
    public static WeightFile open(Path path) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(path);
        } catch (NoSuchFileException e) {
            throw StageFailure.badConfig(path + " is not there", e);
        }
        try {
            return new WeightFile(path, channel);
        } catch (RefusedException e) {
            channel.close();
            throw e.of(path);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Pickles of arrays and npz go by their names, as their first bytes are also those of other files. */
    private static Format format(Path path, Bytes bytes) throws IOException {
        String name = path.getFileName().toString();
        byte[] first = bytes.read(0, (int) Math.min(START, bytes.length()), "the file");
        String start = new String(first, StandardCharsets.ISO_8859_1);
        if (name.endsWith(".safetensors")) {
            return Format.SAFETENSORS;
        } else if (name.endsWith(".pkl")) {
            return Format.ARRAY_PICKLE;
        } else if (start.startsWith("PK")) {
            return name.endsWith(".npz") ? Format.NPZ : Format.TORCH_ZIP;
        } else if (start.startsWith("\u0080")) {
            return Format.TORCH_LEGACY;
        } else if (start.startsWith("ustar", START - 5)) {
            return Format.TORCH_TAR;
        } else if (start.startsWith("\0\0\0\0{", 4)) {
            // The length of a header, and the header: verified copies of artifacts are named by their SHA-256.
            return Format.SAFETENSORS;
        }
        throw new RefusedException(
                Reason.FORMAT,
                "it must be a file of torch.save, *.safetensors, *.npz or a *.pkl of arrays; it starts with "
                        + RefusedException.shown(start.substring(0, Math.min(12, start.length()))));
    }

    private static PickleMap safetensors(Path path, FileChannel channel, Bytes bytes) throws IOException {
        PickleMap tensors = new PickleMap(false);
        for (Map.Entry<String, StoredTensor> entry :
                Safetensors.stored(channel, path, bytes).entrySet()) {
            tensors.put(entry.getKey(), entry.getValue());
        }
        return tensors;
    }

    public Path path() {
        return path;
    }

    public Format format() {
        return format;
    }

    /** The saved object: mostly a {@link PickleMap} that has tensors somewhere. */
    public Object root() {
        return root;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
