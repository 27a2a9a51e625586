package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainMethod;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult.Accuracy;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.endtoend.EndToEndMethod;
import dev.moco.training.pretrain.simclr.SimClrMethod;
import dev.moco.training.pretrain.supervised.SupervisedMethod;
import dev.moco.training.resnet.EncoderLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A method of pre-training: its sizes, its state and its step. All else of a run is the same for every method. */
public interface Method {
    /** The method of a configuration. */
    static Method of(PretrainConfig config) {
        PretrainMethod method = config.method();
        if (method instanceof PretrainMethod.EndToEnd endToEnd) {
            return new EndToEndMethod(config, endToEnd);
        } else if (method instanceof PretrainMethod.SimClr) {
            return new SimClrMethod(config);
        } else if (method instanceof PretrainMethod.Supervised supervised) {
            return new SupervisedMethod(config, supervised);
        }
        return new MocoMethod(config);
    }

    /**
     * Fails unless the sizes of the configuration fit each other.
     *
     * @param images training images
     */
    void check(int images);

    /** Names of the TorchScript files that its steps call. */
    List<String> program();

    /** True if its encoder has an output for each class of the data. */
    default boolean needsClasses() {
        return false;
    }

    /**
     * The encoder with its head.
     *
     * @param classes classes of the data
     */
    EncoderLayout layout(int classes);

    /** Shapes of the arrays of {@link #initial}, by the same names. */
    Map<String, Shape> shapes(int classes);

    /**
     * Draws the state before the first step.
     *
     * @return the arrays that steps change, by the names that they have in a checkpoint, in its order
     */
    Map<String, NDArray> initial(NDManager manager, int classes);

    /**
     * A state with the weights of a file in place of drawn ones.
     *
     * @throws StageFailure bad configuration of a method that begins with drawn weights alone
     */
    default Map<String, NDArray> replacedBy(Path file, Map<String, NDArray> drawn, EncoderLayout layout)
            throws IOException {
        throw StageFailure.badConfig(
                "pretrain.from is possible with pretrain.method MoCo alone, as the others begin with"
                        + " drawn weights; found " + file);
    }

    /** Begins with a state, which its steps then change. */
    Trainer begin(Map<String, NDArray> state, Means means);

    /** Accuracy of the trained network on validation images; empty for a method without classes. */
    default Optional<Accuracy> accuracy(Trainer trainer, ValidationImages images) throws InterruptedException {
        return Optional.empty();
    }

    /**
     * Means of a run's steps.
     *
     * @param program compiled from {@link Method#program}
     * @param collectives of the processes among which the ranks are divided
     * @param classes classes of the data
     * @param firstStep step that comes first
     */
    record Means(TorchProgram program, RankThreads threads, Collectives collectives, int classes, long firstStep) {}

    /** Fails unless the batch is a multiple of the ranks, and the optimizer of a kind. */
    static void check(PretrainConfig config, Algorithm algorithm) {
        if (config.batchSize() % config.ranks() != 0) {
            throw StageFailure.badConfig("pretrain.batchSize must be a multiple of pretrain.ranks, found "
                    + config.batchSize() + " with " + config.ranks() + " ranks");
        }
        if (config.optimizer().algorithm() != algorithm) {
            throw StageFailure.badConfig("the configuration's optimizer.algorithm must be " + algorithm
                    + " with pretrain.method " + config.method().title() + ", found "
                    + config.optimizer().algorithm());
        }
    }

    /** Fails unless the images of a rank are whole groups. */
    static void checkGroups(PretrainConfig config, int groupImages) {
        int ofRank = config.batchSize() / config.ranks();
        if (groupImages < 1 || ofRank % groupImages != 0) {
            throw StageFailure.badConfig(
                    "pretrain.groupImages must divide the " + ofRank + " images of a rank, found " + groupImages);
        }
    }
}
