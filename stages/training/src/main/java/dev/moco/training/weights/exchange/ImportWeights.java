package dev.moco.training.weights.exchange;

import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Sha256;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageTask;
import dev.moco.contract.WeightsConfig;
import dev.moco.contract.WeightsConfig.Initial;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderLayout.HeadWeight;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.stage.StageProgram;
import dev.moco.training.weights.Safetensors.FloatTensor;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The weights stage: reads a file of another program, checks every tensor, and writes its encoder as pre-training does, or
 * the state that pre-training starts with. Nothing in the file is executed. It loads no engine.
 */
public final class ImportWeights implements StageProgram<WeightsConfig> {
    private static final Logger LOG = LoggerFactory.getLogger(ImportWeights.class);

    private static final int SHOWN = 10;

    @Override
    public StageOutput run(WeightsConfig config, StageContext context) throws IOException {
        StageTask task = context.task();
        String source = Objects.requireNonNull(task.source(), "weights have a source");
        MessageDigest md5 = md5();
        MessageDigest sha256 = Sha256.digest();
        WeightSource read = WeightSource.copy(source, task.store(), context.scratch(), md5, sha256);
        Path file = read.copy();
        try {
            ImportedEncoder imported = EncoderImport.read(file, List.of(config.architecture()));
            Initial wanted = config.initial();
            Map<String, Path> files = wanted == null
                    ? encoder(imported, context.scratch())
                    : initial(file, imported, config, wanted, context.scratch());
            String content = content(imported, wanted);
            LOG.info("read source={} content={}", source, content);
            return new StageOutput(
                    files, Map.of(), new StageResult.Imported(read.name(), hex(md5), hex(sha256), content));
        } catch (StageFailure e) {
            // A person knows the source, not its copy.
            throw e.withMessage(String.valueOf(e.getMessage()).replace(file.toString(), source));
        }
    }

    private static Map<String, Path> encoder(ImportedEncoder imported, Path folder) throws IOException {
        Path file = folder.resolve(EncoderFile.NAME);
        EncoderExport.writeOurs(file, imported.encoder());
        return Map.of(EncoderFile.NAME, file);
    }

    private static Map<String, Path> initial(
            Path from, ImportedEncoder imported, WeightsConfig config, Initial wanted, Path folder) throws IOException {
        List<String> problems = new ArrayList<>();
        boolean head = headFits(imported.encoder(), config, wanted);
        if (!head && (wanted.keyEncoder() || wanted.queue() || wanted.optimizer())) {
            problems.add("the head must be " + headText(wanted) + ", found " + headText(imported.encoder()));
        }
        Optional<Map<String, FloatTensor>> key = Optional.empty();
        if (wanted.keyEncoder()) {
            key = imported.keyEncoder().map(EncoderState::tensors);
            if (key.isEmpty()) {
                problems.add("encoder_k.* is missing");
            }
        }
        Optional<FloatTensor> queue = wanted.queue() ? queue(imported, wanted, problems) : Optional.empty();
        Optional<Map<String, FloatTensor>> momentum = wanted.optimizer()
                ? Optional.of(SgdMomentum.read(from, imported.encoder(), problems))
                : Optional.empty();
        if (!problems.isEmpty()) {
            List<String> first = problems.stream().limit(SHOWN).toList();
            throw StageFailure.badData(from + " has not what spec.pretrain.from asks for: "
                    + RefusedException.oneLine(String.join("; ", first))
                    + (problems.size() > SHOWN ? "; and " + (problems.size() - SHOWN) + " more" : ""));
        }
        EncoderState query = head ? imported.encoder() : imported.encoder().withoutHead();
        Path file = folder.resolve(InitialState.FILE);
        new InitialState(query.tensors(), key, momentum, queue).write(file);
        return Map.of(InitialState.FILE, file);
    }

    /** The keys in the order of their age, as a queue starts at its first column. */
    private static Optional<FloatTensor> queue(ImportedEncoder imported, Initial wanted, List<String> problems) {
        List<Integer> shape = List.of(wanted.dimension(), wanted.queueSize());
        Optional<FloatTensor> queue = imported.queue();
        if (queue.isEmpty()) {
            problems.add("queue is missing");
        } else if (!queue.get().shape().equals(shape)) {
            problems.add(
                    "queue must have shape " + shape + ", found " + queue.get().shape());
        } else {
            float[] keys = queue.get().values();
            float[] ordered = new float[keys.length];
            int size = wanted.queueSize();
            int oldest = imported.pointer().orElse(0);
            for (int row = 0; row < keys.length; row += size) {
                System.arraycopy(keys, row + oldest, ordered, row, size - oldest);
                System.arraycopy(keys, row, ordered, row + size - oldest, oldest);
            }
            return Optional.of(new FloatTensor(shape, ordered));
        }
        return Optional.empty();
    }

    private static boolean headFits(EncoderState encoder, WeightsConfig config, Initial wanted) {
        Map<String, List<Integer>> expected = new HashMap<>();
        for (HeadWeight weight : EncoderLayout.of(config.architecture(), wanted.head(), wanted.dimension())
                .head()) {
            expected.put(weight.name(), weight.shape());
        }
        Map<String, List<Integer>> found = new HashMap<>();
        encoder.headTensors().forEach((name, tensor) -> found.put(name, tensor.shape()));
        return found.equals(expected);
    }

    private static String headText(Initial wanted) {
        return (wanted.head() == Head.MLP ? "fc.0 and fc.2" : "fc") + " with " + wanted.dimension() + " outputs";
    }

    private static String headText(EncoderState encoder) {
        String text = String.join(
                ", ",
                encoder.headTensors().entrySet().stream()
                        .map(tensor -> tensor.getKey() + " " + tensor.getValue().shape())
                        .toList());
        return text.isEmpty() ? "none" : text;
    }

    private static String content(ImportedEncoder imported, @Nullable Initial wanted) {
        String encoder = imported.description();
        if (wanted == null) {
            return encoder;
        }
        List<String> parts = Stream.of(
                        wanted.keyEncoder() ? "key encoder" : "",
                        wanted.queue() ? "queue" : "",
                        wanted.optimizer() ? "optimizer" : "")
                .filter(part -> !part.isEmpty())
                .toList();
        return encoder + (parts.isEmpty() ? "" : ", with " + String.join(", ", parts));
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has MD5", e);
        }
    }

    private static String hex(MessageDigest digest) {
        return Sha256.hex(digest.digest());
    }
}
