package dev.moco.training.weights.exchange;

import dev.moco.contract.StageFailure;
import dev.moco.training.weights.StoredTensor;
import dev.moco.training.weights.formats.WeightFile;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.PickleMap;
import dev.moco.training.weights.pickle.PickleValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a file by their names without the prefix {@code module.}, which DistributedDataParallel adds.
 *
 * @param tensors tensors by name
 * @param stored names in the file by name
 * @param besides what the file has beside them, such as an optimizer
 * @param architecture the file's own word for it; null if it has none
 */
record StateDict(
        Map<String, StoredTensor> tensors,
        Map<String, String> stored,
        List<String> besides,
        @Nullable String architecture) {
    private static final int MOST = 10_000;
    private static final String PARALLEL = "module.";
    /** Names under which checkpoints have a state dict: those of MoCo and timm, and of torchvision's training script. */
    private static final List<String> NESTED = List.of("state_dict", "model");

    /**
     * Finds the tensors.
     *
     * @throws StageFailure bad data, if the file is no dict of tensors
     */
    static StateDict of(WeightFile file) {
        if (!(file.root() instanceof PickleMap root)) {
            throw StageFailure.badData(file.path() + ": its content must be a dict of tensors, or one with "
                    + String.join(" or ", NESTED) + "; found a " + PickleValues.type(file.root()));
        }
        PickleMap tensors = root;
        List<String> besides = new ArrayList<>();
        for (String name : NESTED) {
            if (root.get(name) instanceof PickleMap nested) {
                tensors = nested;
                root.entries().keySet().stream()
                        .map(String::valueOf)
                        .filter(key -> !key.equals(name))
                        .forEach(besides::add);
                break;
            }
        }
        if (tensors.entries().size() > MOST) {
            throw StageFailure.badData(file.path() + ": its dict must have at most " + MOST + " tensors, found "
                    + tensors.entries().size());
        }
        Map<String, StoredTensor> byName = new LinkedHashMap<>();
        Map<String, String> stored = new LinkedHashMap<>();
        for (Map.Entry<Object, Object> entry : tensors.entries().entrySet()) {
            String key = entry.getKey().toString();
            if (!(entry.getValue() instanceof StoredTensor tensor)) {
                throw StageFailure.badData(file.path() + ": " + RefusedException.shown(key)
                        + " must be a tensor, found " + PickleValues.type(entry.getValue()));
            }
            String name = key.startsWith(PARALLEL) ? key.substring(PARALLEL.length()) : key;
            if (byName.put(name, tensor) != null) {
                throw StageFailure.badData(file.path() + ": " + RefusedException.shown(name)
                        + " is there twice, with and without the prefix " + PARALLEL);
            }
            stored.put(name, key);
        }
        return new StateDict(byName, stored, besides, root.get("arch") instanceof String text ? text : null);
    }
}
