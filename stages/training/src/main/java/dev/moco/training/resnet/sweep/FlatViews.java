package dev.moco.training.resnet.sweep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Parts of an encoder's flat buffers by name; what is written to a part is written to its buffer. */
final class FlatViews {
    private final Map<String, NDArray> parameters;
    private final Map<String, NDArray> gradients;
    private final Map<String, NDArray> statistics;

    /**
     * Views of buffers.
     *
     * @param manager holds the views
     */
    FlatViews(NDManager manager, FlatLayout layout, NDArray parameters, NDArray gradient, NDArray statistics) {
        this.parameters = views(manager, layout.parameters(), parameters);
        this.gradients = views(manager, layout.parameters(), gradient);
        this.statistics = views(manager, layout.statistics(), statistics);
    }

    private static Map<String, NDArray> views(NDManager manager, List<FlatTensor> tensors, NDArray flat) {
        Map<String, NDArray> views = new HashMap<>();
        for (FlatTensor tensor : tensors) {
            NDArray part = flat.get(new NDIndex().addSliceDim(tensor.offset(), tensor.offset() + tensor.size()));
            NDArray view = part.reshape(new Shape(
                    tensor.shape().stream().mapToLong(Integer::longValue).toArray()));
            part.attach(manager);
            view.attach(manager);
            views.put(tensor.name(), view);
        }
        return views;
    }

    NDArray parameter(String name) {
        return Objects.requireNonNull(parameters.get(name), name);
    }

    NDArray gradient(String name) {
        return Objects.requireNonNull(gradients.get(name), name);
    }

    NDArray statistic(String name) {
        return Objects.requireNonNull(statistics.get(name), name);
    }
}
