package dev.moco.operator.spec;

import dev.moco.contract.Stage;
import dev.moco.operator.api.DataSpec;
import dev.moco.operator.api.DetectionSpec;
import dev.moco.operator.api.LinearProtocol;
import dev.moco.operator.api.LinearSpec;
import dev.moco.operator.api.Method;
import dev.moco.operator.api.MoCoExperimentSpec;
import dev.moco.operator.api.Precision;
import dev.moco.operator.api.PretrainSpec;
import dev.moco.operator.api.ResourcesSpec;
import dev.moco.operator.api.ResourcesSpec.StageResources;
import dev.moco.operator.api.Schedule;
import dev.moco.operator.api.SchedulingSpec;
import dev.moco.operator.api.SchedulingSpec.Effect;
import dev.moco.operator.api.SchedulingSpec.Operator;
import dev.moco.operator.api.SchedulingSpec.TolerationSpec;
import dev.moco.operator.api.SgdSpec;
import dev.moco.operator.api.Syntax;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules between fields, as the schema has them in CEL. */
final class SpecRules {
    private final Problems problems;

    SpecRules(Problems problems) {
        this.problems = problems;
    }

    /** Adds a problem for each broken rule of a spec whose fields have been read and filled in. */
    void check(MoCoExperimentSpec spec) {
        pretrain(spec.pretrain());
        linear(spec.linear());
        detection(spec.detection());
        data(spec.data(), spec.detection().enabled());
        classes(spec);
        resources(spec.resources());
        devices(
                Stage.PRETRAIN,
                spec.resources().pretrain().gpus(),
                "pretrain",
                spec.pretrain().ranks());
        devices(
                Stage.DETECT,
                spec.resources().detect().gpus(),
                "detection",
                spec.detection().ranks());
        nodes(spec.resources().pretrain(), spec.pretrain().ranks());
        if (spec.scheduling() != null) {
            scheduling(spec.scheduling());
        }
    }

    private void pretrain(PretrainSpec pretrain) {
        String path = "spec.pretrain";
        schedule(path, pretrain, pretrain.epochs(), pretrain.method() == Method.SIMCLR);
        Integer warmup = pretrain.warmupEpochs();
        if (warmup != null && warmup >= pretrain.epochs() && !problems.isWrong(path + ".epochs")) {
            problems.broken(path + ".warmupEpochs", "must be below the " + pretrain.epochs() + " epochs", warmup);
        }
        if (pretrain.method() == Method.SIMCLR && pretrain.precision() != Precision.FLOAT32) {
            problems.broken(path + ".precision", PretrainSpec.FLOAT32_ONLY, SpecField.name(pretrain.precision()));
        }
        int batchSize = pretrain.batchSize();
        int ranks = pretrain.ranks();
        Integer queueSize = pretrain.queueSize();
        if (queueSize != null
                && !problems.isWrong(path + ".method")
                && !problems.isWrong(path + ".batchSize")
                && queueSize % batchSize != 0) {
            problems.broken(path + ".queueSize", "must be a multiple of batchSize (" + batchSize + ")", queueSize);
        }
        if (!divides(path, batchSize, ranks)) {
            return;
        }
        int images = batchSize / ranks;
        if (images < 2) {
            problems.broken(
                    path + ".batchSize",
                    "must give each of the " + ranks + " ranks at least 2 images, or batch norm has none to compare",
                    batchSize);
        }
        Integer group = pretrain.groupImages();
        if (group != null && images % group != 0) {
            problems.broken(path + ".groupImages", "must divide the " + images + " images of a rank", group);
        }
    }

    /**
     * Adds a problem for each field of pre-training that has another value than without it: an encoder replaces it.
     *
     * @param pretrain as it was read, without defaults that depend on the method
     */
    void checkLeftOut(PretrainSpec pretrain) {
        leftOut("spec.pretrain", PretrainSpec.class, pretrain, ChosenFields.unset());
    }

    private void leftOut(String path, Class<?> record, Object found, Object unset) {
        for (SpecField field : SpecField.of(record)) {
            String at = path + "." + field.name();
            Object value = SpecReader.get(found, field.name());
            Object preset = SpecReader.get(unset, field.name());
            if (value != null && preset != null && field.type().isRecord()) {
                leftOut(at, field.type(), value, preset);
            } else if (value != null && !value.equals(preset) && !problems.isWrong(at)) {
                problems.wrong(at, PretrainSpec.LEFT_OUT, ChosenFields.shown(value));
            }
        }
    }

    /** Returns whether the batch is a multiple of known ranks. */
    private boolean divides(String path, int batchSize, int ranks) {
        if (problems.isWrong(path + ".ranks")) {
            return false;
        }
        if (batchSize % ranks != 0) {
            problems.broken(path + ".batchSize", "must be a multiple of ranks (" + ranks + ")", batchSize);
            return false;
        }
        return true;
    }

    private void linear(LinearSpec linear) {
        schedule("spec.linear", linear, linear.epochs(), linear.protocol() == LinearProtocol.SIMCLR);
    }

    private void schedule(String path, SgdSpec spec, int epochs, boolean simClr) {
        if (simClr && spec.schedule() != Schedule.COSINE) {
            problems.broken(path + ".schedule", PretrainSpec.COSINE_ONLY, SpecField.name(spec.schedule()));
        }
        milestones(path, spec.schedule(), spec.milestones(), epochs, "epochs");
    }

    private void detection(DetectionSpec detection) {
        String path = "spec.detection";
        milestones(path, Schedule.STEP, detection.milestones(), detection.iterations(), "iterations");
        divides(path, detection.batchSize(), detection.ranks());
    }

    /** Milestones of a schedule: ascending, and before its end, which the field {@code unit} has. */
    private void milestones(String path, Schedule schedule, @Nullable List<Integer> milestones, int end, String unit) {
        if (milestones == null || milestones.isEmpty()) {
            return;
        }
        String at = path + ".milestones";
        if (schedule == Schedule.COSINE) {
            if (!problems.isWrong(path + ".schedule")) {
                problems.broken(at, "belong to schedule Step; a Cosine schedule has none", milestones);
            }
            return;
        }
        for (int i = 1; i < milestones.size(); i++) {
            if (milestones.get(i) <= milestones.get(i - 1)) {
                problems.broken(at, "must ascend", milestones);
                return;
            }
        }
        if (!problems.isWrong(path + "." + unit) && milestones.get(milestones.size() - 1) >= end) {
            problems.broken(at, "must be below the " + end + " " + unit, milestones);
        }
    }

    private void data(DataSpec data, boolean detection) {
        if (new HashSet<>(data.vocClasses()).size() != data.vocClasses().size()) {
            problems.broken("spec.data.vocClasses", "must name each class once", data.vocClasses());
        }
        List<Integer> years = data.vocYears();
        if (years != null
                && !problems.isWrong("spec.data.vocYears")
                && (!List.of(2007, 2012).containsAll(years) || new HashSet<>(years).size() != years.size())) {
            problems.broken("spec.data.vocYears", "must name 2007, 2012 or each of them once", years);
        }
        if (detection
                && data.voc() == null
                && !problems.isWrong("spec.data.voc")
                && !problems.isWrong("spec.detection.enabled")) {
            problems.missing("spec.data.voc", "must be given, or spec.detection.enabled be false");
        }
    }

    private void classes(MoCoExperimentSpec spec) {
        if (problems.isWrong("spec.data.unlabeled") || !spec.data().unlabeled()) {
            return;
        }
        if (!problems.isWrong("spec.linear.enabled") && spec.linear().enabled()) {
            problems.broken("spec.linear.enabled", "must be false, " + DataSpec.NO_CLASSES, true);
        }
        if (spec.pretrain().method() == Method.SUPERVISED) {
            problems.broken("spec.pretrain.method", "must be another, " + DataSpec.NO_CLASSES, "Supervised");
        }
    }

    private void resources(ResourcesSpec resources) {
        for (Stage stage : Stage.values()) {
            if (!ResourcesSpec.hasField(stage)) {
                continue;
            }
            oneNode(stage, resources.of(stage));
            if (resources.accelerator().equals(ResourcesSpec.NONE)) {
                noGpus(stage, resources.of(stage));
            }
        }
    }

    private void devices(Stage stage, @Nullable Integer gpus, String section, int ranks) {
        String path = "spec.resources." + stage.id() + ".gpus";
        if (gpus != null && gpus > 0 && !problems.isWrong("spec." + section + ".ranks") && ranks % gpus != 0) {
            problems.broken(path, "must divide " + section + ".ranks (" + ranks + ")", gpus);
        }
    }

    private void nodes(StageResources pretrain, int ranks) {
        Integer gpus = pretrain.gpus();
        Integer nodes = pretrain.nodes();
        int each = gpus == null ? 1 : Math.max(1, gpus);
        if (nodes != null && nodes > 1 && !problems.isWrong("spec.pretrain.ranks") && ranks % (nodes * each) != 0) {
            problems.broken(
                    "spec.resources.pretrain.nodes", "times gpus must divide pretrain.ranks (" + ranks + ")", nodes);
        }
    }

    private void oneNode(Stage stage, StageResources resources) {
        if (!ResourcesSpec.runsOnSeveralNodes(stage) && resources.nodes() != null && resources.nodes() != 1) {
            problems.broken("spec.resources." + stage.id() + ".nodes", ResourcesSpec.ONLY_PRETRAIN, resources.nodes());
        }
    }

    private void noGpus(Stage stage, StageResources resources) {
        if (resources.gpus() != null && resources.gpus() > 0) {
            problems.broken(
                    "spec.resources." + stage.id() + ".gpus", "must be 0, since accelerator is None", resources.gpus());
        }
    }

    private void scheduling(SchedulingSpec scheduling) {
        String path = "spec.scheduling";
        if (scheduling.nodeSelector() != null) {
            scheduling.nodeSelector().keySet().stream()
                    .filter(key -> key.length() > Syntax.KEY_LENGTH || !key.matches(Syntax.KEY))
                    .forEach(key ->
                            problems.broken(path + ".nodeSelector", "must have the keys of labels", "\"" + key + "\""));
        }
        if (scheduling.tolerations() != null) {
            for (int i = 0; i < scheduling.tolerations().size(); i++) {
                toleration(
                        path + ".tolerations[" + i + "]",
                        scheduling.tolerations().get(i));
            }
        }
    }

    /** As the API server would refuse the pod. */
    private void toleration(String path, TolerationSpec toleration) {
        if (!problems.isWrong(path + ".operator")) {
            if (toleration.comparison() == Operator.EXISTS && toleration.value() != null) {
                problems.broken(path + ".value", "belongs to operator Equal; Exists has none", toleration.value());
            }
            if (toleration.comparison() == Operator.EQUAL && toleration.key() == null) {
                problems.broken(path + ".key", "must be given with operator Equal", "nothing");
            }
        }
        Effect effect = toleration.effect();
        if (toleration.tolerationSeconds() != null
                && effect != Effect.NO_EXECUTE
                && !problems.isWrong(path + ".effect")) {
            problems.broken(
                    path + ".tolerationSeconds",
                    "belongs to effect NoExecute",
                    "effect " + (effect == null ? "of every kind" : effect.text()));
        }
    }
}
