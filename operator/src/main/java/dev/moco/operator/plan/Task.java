package dev.moco.operator.plan;

import dev.moco.contract.Stage;
import java.util.Map;

/**
 * One run of a stage within an experiment.
 *
 * @param name name, such as {@code prepare-imagenet}, {@code pretrain} or {@code detect-0}
 * @param stage stage
 * @param inputs task that makes each input, by the input's role
 */
public record Task(String name, Stage stage, Map<String, String> inputs) {
    public Task {
        inputs = Map.copyOf(inputs);
    }
}
