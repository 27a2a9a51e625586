package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.Architecture;
import dev.moco.contract.Experiment;
import dev.moco.contract.Experiment.Knn;
import dev.moco.contract.KnnConfig;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.Sha256;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.Syntax;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The experiment that evaluates a checkpoint of another's pre-training, by the other's own stages. */
public final class CheckpointExperiment {
    /** Digits of a hash in a shortened name. */
    private static final int DIGITS = 8;

    private CheckpointExperiment() {}

    /**
     * Makes it. It has none of the other's labels, since it is no row of the paper. With some of the other's stages it has a
     * name of its own, as a record of that name would take the place of one with all, whose results then seem not needed.
     *
     * @param checkpoint where the checkpoint is, as {@code spec.encoder.from} names it
     * @param epoch epochs before it
     * @param stages those that evaluate it, as far as the other experiment has them
     * @throws StageFailure bad configuration, if it has none of them
     */
    public static Source of(Source other, String checkpoint, int epoch, Set<Stage> stages) {
        Experiment experiment = other.experiment();
        Architecture architecture =
                experiment.pretrain().map(PretrainConfig::architecture).orElseThrow();
        ObjectNode tree = other.tree().deepCopy();
        tree.remove("status");
        ObjectNode metadata = tree.putObject("metadata");
        if (other.tree().path("metadata").path("namespace").isTextual()) {
            metadata.set("namespace", other.tree().path("metadata").path("namespace"));
        }
        ObjectNode spec = child(tree, "spec");
        spec.remove("pretrain");
        spec.putObject("encoder").put("from", checkpoint).put("arch", architecture.id());
        boolean linear = experiment.linear().isPresent() && stages.contains(Stage.LINEAR);
        boolean detection = experiment.detection().isPresent() && stages.contains(Stage.DETECT);
        boolean knn = stages.contains(Stage.KNN);
        if (knn && experiment.data().unlabeled()) {
            throw StageFailure.badConfig(
                    other.file() + " has no classes for nearest neighbors: spec.data.unlabeled is true");
        }
        if (!linear && !detection && !knn) {
            throw StageFailure.badConfig(other.file() + " has nothing that evaluates a checkpoint: its spec.linear is "
                    + (experiment.linear().isPresent() ? "on" : "off") + ", its spec.detection is "
                    + (experiment.detection().isPresent() ? "on" : "off") + ", asked for are " + stages);
        }
        String some = some(experiment, linear, detection, knn);
        metadata.put("name", name(experiment.name(), "-epoch-" + epoch + some));
        // Values that these take from spec.pretrain unless they have their own.
        if (linear) {
            ObjectNode section = child(spec, "linear");
            section.remove("baseline");
            experiment
                    .linear()
                    .ifPresent(found -> section.put("imageSize", found.config().imageSize())
                            .put("seed", found.config().seed()));
        } else {
            spec.putObject("linear").put("enabled", false);
        }
        if (detection) {
            experiment
                    .detection()
                    .ifPresent(found ->
                            child(spec, "detection").put("seed", found.config().seed()));
        } else {
            spec.putObject("detection").put("enabled", false);
        }
        Reading read = ExperimentReader.read(other.file(), tree);
        return new Source(
                other.file(),
                tree,
                knn ? new Reading(read.experiment().with(new Knn(knn(experiment))), read.policy()) : read);
    }

    /** Settings of the monitor of pre-training. */
    private static KnnConfig knn(Experiment experiment) {
        PretrainConfig pretrain = experiment.pretrain().orElseThrow();
        KnnMonitor monitor = experiment.knn();
        return new KnnConfig(
                pretrain.architecture(),
                pretrain.imageSize(),
                pretrain.precision(),
                monitor.neighbors(),
                monitor.temperature(),
                monitor.bankImages());
    }

    private static ObjectNode child(ObjectNode parent, String name) {
        return parent.get(name) instanceof ObjectNode child ? child : parent.putObject(name);
    }

    /** End of the name if not all stages of the other experiment, and no more, evaluate the checkpoint. */
    private static String some(Experiment experiment, boolean linear, boolean detection, boolean knn) {
        boolean all = linear == experiment.linear().isPresent()
                && detection == experiment.detection().isPresent();
        return all && !knn
                ? ""
                : (linear ? "-" + Stage.LINEAR.id() : "")
                        + (detection ? "-" + Stage.DETECT.id() : "")
                        + (knn ? "-" + Stage.KNN.id() : "");
    }

    /** A name of a legal length; a shortened one ends with a hash, as the names of variants differ at their ends. */
    private static String name(String base, String end) {
        if (base.length() + end.length() <= Syntax.LABEL_LENGTH) {
            return base + end;
        }
        String hash = "-" + Sha256.of(base.getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS);
        return base.substring(0, Syntax.LABEL_LENGTH - hash.length() - end.length()) + hash + end;
    }
}
