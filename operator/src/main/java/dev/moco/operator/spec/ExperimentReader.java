package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Experiment;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.api.Syntax;
import dev.moco.operator.plan.Policy;
import dev.moco.operator.spec.DataFields.Folders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A {@code MoCoExperiment} as a cluster takes it, with its defaults: MoCo v2 for 200 epochs, row (d) of Table 1. */
public final class ExperimentReader {
    private final List<String> problems = new ArrayList<>();
    private final Folders folders;

    private ExperimentReader(Folders folders) {
        this.folders = folders;
    }

    /**
     * Reads a resource of a cluster.
     *
     * @param resource the whole resource as a tree
     * @param dataRoot folder below which folders of raw data are; without one an experiment that names a folder is refused
     * @throws StageFailure bad configuration, naming every problem
     */
    public static Reading read(JsonNode resource, Optional<Path> dataRoot) {
        Folders folders = dataRoot.<Folders>map(
                        root -> new Folders.Below(root.toAbsolutePath().normalize()))
                .orElseGet(Folders.Nowhere::new);
        return new ExperimentReader(folders).read("", resource);
    }

    /** Reads the tree of a file; relative folders are below the file's own. */
    static Reading read(Path file, JsonNode tree) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        return new ExperimentReader(new Folders.Anywhere(folder == null ? Path.of("/") : folder))
                .read(" in " + file, tree);
    }

    private Reading read(String where, JsonNode tree) {
        Fields root = new Fields("", tree, problems);
        constant(root, "apiVersion", MoCoExperiment.API_VERSION);
        constant(root, "kind", MoCoExperiment.KIND);
        Fields metadata = root.object("metadata");
        Optional<String> named = metadata.text(
                "name",
                Syntax.LABEL_LENGTH,
                Syntax.LABEL,
                "must be a DNS label: lower-case letters, digits and dashes, at most 63");
        if (!metadata.has("name")) {
            metadata.missing("name", "must be given");
        }
        String name = named.orElse("unnamed");
        Map<String, String> labels = metadata.map("labels");
        metadata.map("annotations");
        metadata.text("namespace", text -> true, "must be a text");
        // What a cluster adds, so that a resource read back from it can be run.
        List.of(
                        "uid",
                        "resourceVersion",
                        "generation",
                        "generateName",
                        "selfLink",
                        "creationTimestamp",
                        "deletionTimestamp",
                        "deletionGracePeriodSeconds",
                        "managedFields",
                        "ownerReferences",
                        "finalizers")
                .forEach(metadata::has);
        metadata.refuseOthers();
        Reading reading = spec(name, labels, root.object("spec"));
        root.object("status");
        root.refuseOthers();
        if (!problems.isEmpty()) {
            throw StageFailure.badConfig("Experiment " + name + where + " has " + problems.size() + " problem"
                    + (problems.size() > 1 ? "s" : "") + ":\n  " + String.join("\n  ", problems));
        }
        return reading;
    }

    private void constant(Fields root, String field, String value) {
        if (root.text(field, value::equals, "must be " + value) == null && !root.has(field)) {
            problems.add(field + " must be " + value + ", found nothing");
        }
    }

    private Reading spec(String name, Map<String, String> labels, Fields spec) {
        Fields dataFields = spec.object("data");
        Experiment.Data data = DataFields.read(dataFields, folders);
        Fields pretrainFields = spec.object("pretrain");
        KnnMonitor knn = PretrainFields.knn(pretrainFields.object("knn"));
        PretrainConfig pretrain = PretrainFields.read(pretrainFields);
        Optional<Experiment.Linear> linear = LinearFields.read(spec.object("linear"), pretrain);
        Optional<Experiment.Detection> detection = DetectionFields.read(spec.object("detection"), pretrain);
        if (detection.isPresent() && data.voc() == null && !dataFields.wrong("voc")) {
            dataFields.missing("voc", "must be given, or spec.detection.enabled be false");
        }
        StorageFields storage = StorageFields.read(spec.object("storage"));
        Policy policy = PolicyFields.read(spec, storage.access());
        spec.refuseOthers();
        return new Reading(
                new Experiment(name, labels, data, pretrain, knn, linear, detection, storage.store()), policy);
    }
}
