package dev.moco.training.weights.exchange;

import dev.moco.training.weights.Safetensors.FloatTensor;
import dev.moco.training.weights.StoredTensor;
import dev.moco.training.weights.formats.WeightFile;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.PickleList;
import dev.moco.training.weights.pickle.PickleMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The momentum of PyTorch's SGD in a checkpoint of MoCo. Its parameters are those of the query encoder and then those of
 * the key encoder, which have no momentum; before PyTorch 1.5 they were named by their addresses in memory.
 */
final class SgdMomentum {
    private static final String PLACE = "optimizer";

    private SgdMomentum() {}

    /** The momentum of each parameter of an encoder, by its name; what is missing or wrong is added to the problems. */
    static Map<String, FloatTensor> read(Path path, EncoderState encoder, List<String> problems) throws IOException {
        Map<String, FloatTensor> momentum = new LinkedHashMap<>();
        try (WeightFile file = WeightFile.open(path)) {
            if (!(file.root() instanceof PickleMap root && root.get(PLACE) instanceof PickleMap optimizer)) {
                problems.add(PLACE + " is missing");
                return momentum;
            }
            if (!(optimizer.get("state") instanceof PickleMap states
                    && optimizer.get("param_groups") instanceof PickleList groups
                    && groups.values().size() == 1
                    && groups.values().get(0) instanceof PickleMap group
                    && group.get("params") instanceof PickleList parameters)) {
                problems.add(PLACE + " must have a state, and one group in param_groups with params");
                return momentum;
            }
            int next = 0;
            for (Map.Entry<String, FloatTensor> tensor : encoder.tensors().entrySet()) {
                if (!tensor.getKey().contains(".running_")) {
                    StoredTensor buffer = buffer(states, parameters.values(), next++);
                    add(momentum, tensor, buffer, problems);
                }
            }
        } catch (RefusedException e) {
            throw e.of(path);
        }
        return momentum;
    }

    private static @Nullable StoredTensor buffer(PickleMap states, List<Object> parameters, int index) {
        return index < parameters.size()
                        && states.entries().get(parameters.get(index)) instanceof PickleMap state
                        && state.get("momentum_buffer") instanceof StoredTensor buffer
                ? buffer
                : null;
    }

    private static void add(
            Map<String, FloatTensor> momentum,
            Map.Entry<String, FloatTensor> parameter,
            @Nullable StoredTensor buffer,
            List<String> problems)
            throws IOException {
        String name = "momentum_buffer of " + parameter.getKey();
        List<Integer> shape = parameter.getValue().shape();
        if (buffer == null) {
            problems.add(name + " is missing");
        } else if (!buffer.shape().equals(shape.stream().map(Integer::longValue).toList())
                || !buffer.type().isFloat()) {
            problems.add(name + " must have floats of shape " + shape + ", found "
                    + buffer.type().id() + " of shape " + buffer.shape());
        } else {
            float[] values = buffer.floats();
            TensorValues.check(name, values, false, problems);
            momentum.put(parameter.getKey(), new FloatTensor(shape, values));
        }
    }
}
