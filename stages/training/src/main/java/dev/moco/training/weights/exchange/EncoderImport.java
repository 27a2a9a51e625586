package dev.moco.training.weights.exchange;

import dev.moco.contract.Architecture;
import dev.moco.contract.StageFailure;
import dev.moco.training.weights.Safetensors.FloatTensor;
import dev.moco.training.weights.StoredTensor;
import dev.moco.training.weights.exchange.Fit.Candidate;
import dev.moco.training.weights.formats.WeightFile;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads an encoder from a file of PyTorch, detectron2, safetensors or NumPy (docs/pytorch.md). */
public final class EncoderImport {
    private static final String QUERY = "encoder_q.";
    private static final String KEY = "encoder_k.";
    private static final String QUEUE = "queue";
    private static final String POINTER = "queue_ptr";
    private static final int SHOWN = 10;

    private final Path path;
    private final StateDict state;
    private final List<String> problems = new ArrayList<>();
    private final List<String> besides = new ArrayList<>();

    private EncoderImport(Path path, StateDict state) {
        this.path = path;
        this.state = state;
        this.besides.addAll(state.besides());
    }

    /**
     * Reads a file of the architecture whose tensors it has.
     *
     * @throws StageFailure bad data, naming every tensor that is missing, unexpected, of another shape or unusable
     */
    public static ImportedEncoder read(Path path) throws IOException {
        return read(path, List.of(Architecture.values()));
    }

    /** Reads a file of one of some architectures. */
    public static ImportedEncoder read(Path path, List<Architecture> architectures) throws IOException {
        return readCandidates(
                path,
                architectures.stream()
                        .map(known -> new Candidate(known.id(), known.resnet()))
                        .toList());
    }

    static ImportedEncoder readCandidates(Path path, List<Candidate> candidates) throws IOException {
        try (WeightFile file = WeightFile.open(path)) {
            return new EncoderImport(path, StateDict.of(file)).read(file.format(), candidates);
        } catch (RefusedException e) {
            throw e.of(path);
        }
    }

    private ImportedEncoder read(WeightFile.Format format, List<Candidate> candidates) throws IOException {
        Map<String, StoredTensor> query = new LinkedHashMap<>();
        Map<String, StoredTensor> key = new LinkedHashMap<>();
        StoredTensor queue = null;
        StoredTensor pointer = null;
        boolean moco = state.tensors().keySet().stream().anyMatch(name -> name.startsWith(QUERY));
        for (Map.Entry<String, StoredTensor> entry : state.tensors().entrySet()) {
            String name = entry.getKey();
            if (!moco) {
                query.put(name, entry.getValue());
            } else if (name.startsWith(QUERY)) {
                query.put(name.substring(QUERY.length()), entry.getValue());
            } else {
                besides.add(String.valueOf(state.stored().get(name)));
                if (name.startsWith(KEY)) {
                    key.put(name.substring(KEY.length()), entry.getValue());
                } else if (name.equals(QUEUE)) {
                    queue = entry.getValue();
                } else if (name.equals(POINTER)) {
                    pointer = entry.getValue();
                } else {
                    problems.add(name + " is unexpected");
                }
            }
        }
        Fit fit = best(query, candidates);
        String prefix = moco ? QUERY : "";
        fit.problems().forEach(problem -> problems.add(prefix + problem));
        Optional<Fit> ofKey =
                key.isEmpty() ? Optional.empty() : Optional.of(Fit.of(key, fit.candidate(), fit.naming()));
        ofKey.ifPresent(found -> found.problems().forEach(problem -> problems.add(KEY + problem)));
        refuseProblems(fit); // before any number is read
        EncoderState encoder = TensorValues.of(fit, prefix, problems);
        Optional<EncoderState> keyEncoder = Optional.empty();
        if (ofKey.isPresent()) {
            keyEncoder = Optional.of(TensorValues.of(ofKey.get(), KEY, problems));
        }
        Optional<FloatTensor> keys = queue == null ? Optional.empty() : queue(queue);
        OptionalInt next = pointer == null ? OptionalInt.empty() : pointer(pointer, keys);
        refuseProblems(fit);
        return new ImportedEncoder(format, fit.naming(), encoder, keyEncoder, keys, next, besides);
    }

    /** The architecture and naming with the fewest problems. */
    private Fit best(Map<String, StoredTensor> tensors, List<Candidate> candidates) {
        Fit best = candidates.stream()
                .flatMap(candidate -> Arrays.stream(Naming.values()).map(naming -> Fit.of(tensors, candidate, naming)))
                .min(Comparator.comparingInt((Fit fit) -> fit.problems().size())
                        .thenComparing(fit -> !fit.candidate().architecture().equals(state.architecture())))
                .orElseThrow();
        if (best.found().isEmpty()) {
            List<String> names = state.stored().values().stream().limit(SHOWN).toList();
            throw StageFailure.badData(path + ": it must have tensors named " + QUERY
                    + "*, or with the names of a ResNet of torchvision, timm, detectron2, Hugging Face or Caffe2;"
                    + " found " + RefusedException.shown(String.join(", ", names)));
        }
        return best;
    }

    private void refuseProblems(Fit fit) {
        if (!problems.isEmpty()) {
            List<String> first = problems.stream().limit(SHOWN).toList();
            throw StageFailure.badData(path + " is no usable " + fit.candidate().architecture() + " with "
                    + fit.naming().text() + "'s names: " + RefusedException.oneLine(String.join("; ", first))
                    + (problems.size() > SHOWN ? "; and " + (problems.size() - SHOWN) + " more" : ""));
        }
    }

    private Optional<FloatTensor> queue(StoredTensor queue) throws IOException {
        if (queue.shape().size() != 2 || !queue.type().isFloat()) {
            problems.add(
                    QUEUE + " must be a matrix of floats, found " + queue.type().id() + " of shape " + queue.shape());
            return Optional.empty();
        }
        float[] keys = queue.floats();
        TensorValues.check(QUEUE, keys, false, problems);
        return Optional.of(
                new FloatTensor(queue.shape().stream().map(Math::toIntExact).toList(), keys));
    }

    private OptionalInt pointer(StoredTensor pointer, Optional<FloatTensor> queue) throws IOException {
        long next = pointer.size() == 1 && !pointer.type().isFloat() ? pointer.wholes()[0] : -1;
        long keys = queue.map(matrix -> matrix.shape().get(1)).orElse(0);
        if (next < 0 || next >= keys) {
            problems.add(POINTER + " must be a column of the queue, of " + keys + ", found " + next);
            return OptionalInt.empty();
        }
        return OptionalInt.of((int) next);
    }
}
