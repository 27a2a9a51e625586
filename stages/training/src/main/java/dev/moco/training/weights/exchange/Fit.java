package dev.moco.training.weights.exchange;

import dev.moco.contract.ResNet;
import dev.moco.training.weights.StoredTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A file's tensors as those of an architecture under a naming.
 *
 * @param found tensors of the file by torchvision's names, each of the right shape, in torchvision's order
 * @param problems each tensor that is missing, unexpected or misshapen, with the names of the file
 */
record Fit(Candidate candidate, Naming naming, Map<Expected, StoredTensor> found, List<String> problems) {
    private static final int MOST_OUTPUTS = 1 << 20;

    /** An architecture that a file may have. */
    record Candidate(String architecture, ResNet resnet) {
        int features() {
            List<ResNet.Block> last = resnet.layers().get(resnet.layers().size() - 1);
            return last.get(last.size() - 1).out();
        }
    }

    static Fit of(Map<String, StoredTensor> tensors, Candidate candidate, Naming naming) {
        List<Expected> all = new ArrayList<>(Expected.of(candidate.resnet()));
        all.addAll(head(tensors, candidate.features(), naming));
        Map<Expected, StoredTensor> found = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        Set<String> left = new LinkedHashSet<>(tensors.keySet());
        for (Expected expected : all) {
            Optional<String> name = naming.of(expected.name());
            StoredTensor tensor = name.map(tensors::get).orElse(null);
            if (tensor == null) {
                if (expected.kind() != Expected.ParameterKind.COUNTER) {
                    problems.add(name.orElse(expected.name()) + " is missing");
                }
                continue;
            }
            left.remove(name.get());
            if (shapeFits(tensor, expected)) {
                found.put(expected, tensor);
            } else {
                problems.add(name.get() + " must have shape " + expected.shape() + ", found " + tensor.shape());
            }
        }
        left.forEach(name -> problems.add(name + " is unexpected"));
        return new Fit(candidate, naming, found, problems);
    }

    /** A counter of before PyTorch's scalars has one dimension. */
    private static boolean shapeFits(StoredTensor tensor, Expected expected) {
        List<Long> shape = expected.shape().stream().map(Integer::longValue).toList();
        return tensor.shape().equals(shape)
                || (expected.kind() == Expected.ParameterKind.COUNTER
                        && tensor.shape().equals(List.of(1L)));
    }

    /** The head that the file has, by its names; sizes that only it knows are taken from it. */
    private static List<Expected> head(Map<String, StoredTensor> tensors, int features, Naming naming) {
        boolean mlp = has(tensors, naming, "fc.0") || has(tensors, naming, "fc.2");
        if (mlp) {
            int hidden = outputs(tensors, naming, "fc.0");
            List<Expected> head = new ArrayList<>(Expected.linear("fc.0", features, hidden));
            head.addAll(Expected.linear("fc.2", hidden, outputs(tensors, naming, "fc.2")));
            return head;
        }
        return has(tensors, naming, "fc") ? Expected.linear("fc", features, outputs(tensors, naming, "fc")) : List.of();
    }

    private static boolean has(Map<String, StoredTensor> tensors, Naming naming, String layer) {
        return naming.of(layer + ".weight").filter(tensors::containsKey).isPresent()
                || naming.of(layer + ".bias").filter(tensors::containsKey).isPresent();
    }

    /** Outputs of a linear layer of the file; 1 if it has none, as the layer is missing then. */
    private static int outputs(Map<String, StoredTensor> tensors, Naming naming, String layer) {
        StoredTensor weight = naming.of(layer + ".weight").map(tensors::get).orElse(null);
        if (weight == null || weight.shape().size() != 2 || weight.shape().get(0) > MOST_OUTPUTS) {
            return 1;
        }
        return Math.toIntExact(weight.shape().get(0));
    }
}
