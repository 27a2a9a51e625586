package dev.moco.operator.plan;

import dev.moco.contract.Optimizer;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainMethod;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A pre-training in a line: its method, and the fields of the spec that this method has. */
public final class PretrainText {
    private PretrainText() {}

    /** Text such as {@code SimCLR: epochs 200, batchSize 256}. */
    public static String of(PretrainConfig config) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("arch", config.architecture().id());
        fields.put("epochs", config.epochs());
        fields.put("batchSize", config.batchSize());
        fields.put("ranks", config.ranks());
        PretrainMethod method = config.method();
        if (method instanceof PretrainMethod.MoCo) {
            head(config, fields);
            fields.put("queueSize", config.contrast().queueSize());
            fields.put("keyMomentum", config.contrast().keyMomentum());
        } else if (method instanceof PretrainMethod.EndToEnd own) {
            head(config, fields);
            fields.put("symmetric", own.symmetric());
            fields.put("sharedEncoder", own.sharedEncoder());
            fields.put("groupImages", own.groupImages());
        } else if (method instanceof PretrainMethod.SimClr own) {
            fields.put("temperature", config.contrast().temperature());
            fields.put("colorStrength", own.colorStrength());
            fields.put("warmupEpochs", config.optimizer().warmupEpochs());
        } else if (method instanceof PretrainMethod.Supervised own) {
            fields.put("groupImages", own.groupImages());
        }
        fields.put("learningRate", config.optimizer().learningRate());
        fields.put("schedule", config.optimizer().schedule() == Optimizer.Schedule.STEP ? "Step" : "Cosine");
        return method.title() + ": "
                + fields.entrySet().stream()
                        .map(field -> field.getKey() + " " + field.getValue())
                        .collect(Collectors.joining(", "));
    }

    private static void head(PretrainConfig config, Map<String, Object> fields) {
        fields.put("mlp", config.head() == PretrainConfig.Head.MLP);
        fields.put("augPlus", config.augmentation() == PretrainConfig.Augmentation.AUG_PLUS);
        fields.put("temperature", config.contrast().temperature());
    }
}
