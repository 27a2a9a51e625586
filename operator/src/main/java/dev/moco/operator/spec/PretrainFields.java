package dev.moco.operator.spec;

import dev.moco.contract.Architecture;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.operator.api.Syntax;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code spec.pretrain}; defaults are MoCo v2's (docs/method.md §1). */
final class PretrainFields {
    private PretrainFields() {}

    static PretrainConfig read(Fields fields) {
        Map<String, Architecture> architectures = new LinkedHashMap<>();
        for (Architecture architecture : Architecture.values()) {
            architectures.put(architecture.id(), architecture);
        }
        int epochs = fields.integer("epochs", 200, 1, 100_000);
        int batchSize = fields.integer("batchSize", 256, 2, 1 << 20);
        int gpus = fields.integer("gpus", 8, 1, 1024);
        int queueSize = fields.integer("queueSize", 65_536, 2, 1 << 24);
        Schedule schedule = Choices.schedule(fields, Schedule.COSINE);
        PretrainConfig config = new PretrainConfig(
                fields.choice("arch", Architecture.RESNET50, architectures),
                fields.flag("mlp", true) ? Head.MLP : Head.FC,
                fields.integer("dim", 128, 2, 65_536),
                fields.integer("imageSize", 224, 16, 4096),
                fields.flag("augPlus", true) ? Augmentation.AUG_PLUS : Augmentation.V1,
                epochs,
                batchSize,
                gpus,
                new Contrast(
                        queueSize,
                        fields.decimal("temperature", 0.2, 0, true, 100),
                        fields.decimal("keyMomentum", 0.999, 0, false, 1)),
                new Optimizer(
                        fields.decimal("learningRate", 0.03, 0, true, 1000),
                        fields.decimal("momentum", 0.9, 0, false, 1),
                        fields.decimal("weightDecay", 1e-4, 0, false, 1),
                        schedule,
                        Choices.milestones(fields, List.of(120, 160), schedule, epochs, "epochs")),
                Choices.precision(fields),
                fields.whole("seed", 0, 0, Syntax.LARGEST));
        if (!fields.wrong("batchSize") && queueSize % batchSize != 0) {
            fields.broken("queueSize", "must be a multiple of batchSize (" + batchSize + ")", queueSize);
        }
        if (!fields.wrong("gpus") && batchSize % gpus != 0) {
            fields.broken("batchSize", "must be a multiple of gpus (" + gpus + ")", batchSize);
        } else if (!fields.wrong("gpus") && batchSize / gpus < 2) {
            fields.broken(
                    "batchSize",
                    "must give each of the " + gpus + " gpus at least 2 images, or batch norm has none to" + " compare",
                    batchSize);
        }
        fields.refuseOthers();
        return config;
    }

    /** {@code spec.pretrain.knn}. */
    static KnnMonitor knn(Fields fields) {
        KnnMonitor knn = new KnnMonitor(
                fields.integer("everyEpochs", 10, 0, 100_000),
                fields.integer("neighbours", 200, 1, 100_000),
                fields.decimal("temperature", 0.1, 0, true, 100),
                fields.integer("bankImages", 50_000, 0, Integer.MAX_VALUE));
        fields.refuseOthers();
        return knn;
    }
}
