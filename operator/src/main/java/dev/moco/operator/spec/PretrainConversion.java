package dev.moco.operator.spec;

import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.PretrainMethod;
import dev.moco.operator.api.Method;
import dev.moco.operator.api.PretrainSpec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Configuration of pre-training of a valid spec whose defaults are filled in. */
final class PretrainConversion {
    /** Images that share batch-norm statistics, as on each GPU of the papers. */
    private static final int GROUP_IMAGES = 32;

    private PretrainConversion() {}

    static PretrainConfig config(PretrainSpec spec) {
        return new PretrainConfig(
                spec.arch(),
                head(spec),
                Objects.requireNonNullElse(spec.dim(), 0),
                spec.imageSize(),
                augmentation(spec),
                spec.epochs(),
                spec.batchSize(),
                spec.ranks(),
                new Contrast(
                        Objects.requireNonNullElse(spec.queueSize(), 0),
                        Objects.requireNonNullElse(spec.temperature(), 0.0),
                        Objects.requireNonNullElse(spec.keyMomentum(), 0.0)),
                optimizer(spec),
                ExperimentConversion.precision(spec.precision()),
                spec.seed(),
                method(spec));
    }

    private static PretrainMethod method(PretrainSpec spec) {
        return switch (spec.method()) {
            case MOCO -> new PretrainMethod.MoCo();
            case END_TO_END ->
                new PretrainMethod.EndToEnd(given(spec.symmetric()), given(spec.sharedEncoder()), groupImages(spec));
            case SIMCLR -> new PretrainMethod.SimClr(given(spec.colorStrength()));
            case SUPERVISED -> new PretrainMethod.Supervised(groupImages(spec));
        };
    }

    private static int groupImages(PretrainSpec spec) {
        int images = spec.batchSize() / spec.ranks();
        return Objects.requireNonNullElse(
                spec.groupImages(), images % GROUP_IMAGES == 0 ? (Integer) GROUP_IMAGES : (Integer) images);
    }

    private static Head head(PretrainSpec spec) {
        return switch (spec.method()) {
            case MOCO, END_TO_END -> given(spec.mlp()) ? Head.MLP : Head.FC;
            case SIMCLR -> Head.BATCH_NORM_MLP;
            case SUPERVISED -> Head.CLASSES;
        };
    }

    private static Augmentation augmentation(PretrainSpec spec) {
        return switch (spec.method()) {
            case MOCO, END_TO_END -> given(spec.augPlus()) ? Augmentation.AUG_PLUS : Augmentation.V1;
            case SIMCLR -> Augmentation.SIMCLR;
            case SUPERVISED -> Augmentation.CROP_AND_FLIP;
        };
    }

    private static Optimizer optimizer(PretrainSpec spec) {
        if (spec.method() == Method.SIMCLR) {
            return ExperimentConversion.cosineByStep(spec, Algorithm.LARS, given(spec.warmupEpochs()));
        }
        return spec.method() == Method.SUPERVISED
                ? ExperimentConversion.sgd(spec, PretrainSpec.FIRST_SUPERVISED, PretrainSpec.SECOND_SUPERVISED)
                : ExperimentConversion.sgd(spec, PretrainSpec.FIRST_MILESTONE, PretrainSpec.SECOND_MILESTONE);
    }

    /** A field that the method has. */
    private static <T> T given(@Nullable T value) {
        return Objects.requireNonNull(value);
    }
}
