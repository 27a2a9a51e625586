package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.DataSpec;
import dev.moco.operator.api.EncoderSpec;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.api.MoCoExperimentSpec;
import dev.moco.operator.api.Syntax;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a {@code MoCoExperiment} and fills in its defaults: MoCo v2 for 200 epochs, row (d) of Table 1. */
public final class ExperimentReader {
    private static final String NAME_RULE = "must be a DNS label: lower-case letters, digits and dashes, at most 63";
    private static final List<String> FIELDS = List.of("apiVersion", "kind", "metadata", "spec", "status");
    /** The last are those that a cluster adds, so that a resource read back from it can be run. */
    private static final List<String> METADATA = List.of(
            "name",
            "labels",
            "annotations",
            "namespace",
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
            "finalizers");

    private final Problems problems = new Problems();
    private final DataSources dataSources;

    private ExperimentReader(DataSources dataSources) {
        this.dataSources = dataSources;
    }

    /**
     * Reads a resource as a client bound it.
     *
     * @param dataRoot folder below which folders of raw data are; without one an experiment that names a folder is
     *     refused
     * @throws StageFailure bad configuration, naming the problems
     */
    public static Reading read(MoCoExperiment resource, Optional<Path> dataRoot) {
        return new ExperimentReader(below(dataRoot))
                .read(
                        "",
                        resource.getMetadata().getName(),
                        Objects.requireNonNullElse(resource.getMetadata().getLabels(), Map.of()),
                        resource.getSpec());
    }

    /**
     * Reads the tree of a resource.
     *
     * @param dataRoot folder below which folders of raw data are; without one an experiment that names a folder is
     *     refused
     * @throws StageFailure bad configuration, naming the problems
     */
    public static Reading read(JsonNode resource, Optional<Path> dataRoot) {
        return new ExperimentReader(below(dataRoot)).read("", resource);
    }

    /**
     * Reads the tree of a file; relative folders are below the file's own.
     *
     * @throws StageFailure bad configuration, naming the problems
     */
    public static Reading read(Path file, JsonNode tree) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        return read(file, tree, folder == null ? Path.of("/") : folder);
    }

    /** Reads the tree of a file; relative folders are below another. */
    static Reading read(Path file, JsonNode tree, Path folder) {
        return new ExperimentReader(new DataSources.Anywhere(folder)).read(" in " + file, tree);
    }

    private static DataSources below(Optional<Path> dataRoot) {
        return dataRoot.<DataSources>map(
                        root -> new DataSources.Below(root.toAbsolutePath().normalize()))
                .orElseGet(DataSources.Buckets::new);
    }

    private Reading read(String where, JsonNode tree) {
        JsonNode root = object("", tree);
        constant(root, "apiVersion", MoCoExperiment.API_VERSION);
        constant(root, "kind", MoCoExperiment.KIND);
        JsonNode metadata = object("metadata", root.path("metadata"));
        JsonNode name = given(metadata, "name");
        if (name != null && !name.isTextual()) {
            problems.wrong("metadata.name", NAME_RULE, name);
        }
        JsonNode namespace = given(metadata, "namespace");
        if (namespace != null && !namespace.isTextual()) {
            problems.wrong("metadata.namespace", "must be a text", namespace);
        }
        Map<String, String> labels = texts(metadata, "labels");
        texts(metadata, "annotations");
        refuseUnknown("metadata", metadata, METADATA);
        object("status", root.path("status"));
        refuseUnknown("", root, FIELDS);
        return read(where, name == null || !name.isTextual() ? null : name.textValue(), labels, given(root, "spec"));
    }

    private Reading read(
            String where, @Nullable String givenName, Map<String, String> labels, @Nullable Object givenSpec) {
        String name = name(givenName);
        MoCoExperimentSpec unfilled = new SpecReader(problems).read(MoCoExperimentSpec.class, "spec", givenSpec);
        MoCoExperimentSpec spec = new ChosenFields(problems).fill(unfilled);
        check("spec.data.imagenet", DataSpec.SOURCE_RULE, spec.data().imagenet());
        check("spec.data.voc", DataSpec.SOURCE_RULE, spec.data().voc());
        if (spec.encoder() != null) {
            check("spec.encoder.from", EncoderSpec.FILE_RULE, spec.encoder().from());
        }
        if (spec.pretrain().from() != null) {
            check(
                    "spec.pretrain.from.file",
                    EncoderSpec.FILE_RULE,
                    spec.pretrain().from().file());
        }
        if (spec.encoder() != null) {
            new SpecRules(problems).checkLeftOut(unfilled.pretrain());
        }
        new SpecRules(problems).check(spec);
        if (!problems.isEmpty()) {
            throw StageFailure.badConfig("Experiment " + name + where + " has " + problems.text());
        }
        return new Reading(
                ExperimentConversion.experiment(name, labels, spec, dataSources), PolicyConversion.policy(spec));
    }

    private void check(String path, String rule, @Nullable String source) {
        if (source != null && !problems.isWrong(path)) {
            dataSources.check(path, rule, source, problems);
        }
    }

    private String name(@Nullable String name) {
        if (problems.isWrong("metadata.name")) {
            return "unnamed";
        }
        if (name == null) {
            problems.missing("metadata.name", "must be given");
            return "unnamed";
        }
        if (name.length() > Syntax.LABEL_LENGTH || !name.matches(Syntax.LABEL)) {
            problems.wrong("metadata.name", NAME_RULE, name);
            return "unnamed";
        }
        return name;
    }

    private void constant(JsonNode root, String field, String value) {
        JsonNode found = given(root, field);
        if (found == null) {
            problems.broken(field, "must be " + value, "nothing");
        } else if (!value.equals(found.textValue())) {
            problems.wrong(field, "must be " + value, found);
        }
    }

    private static @Nullable JsonNode given(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isMissingNode() || value.isNull() ? null : value;
    }

    /** Returns a node as an object; an empty object if it is not one. */
    private JsonNode object(String path, JsonNode node) {
        if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
            problems.wrong(path.isEmpty() ? "the file" : path, "must be an object", node);
        }
        return node;
    }

    private Map<String, String> texts(JsonNode metadata, String field) {
        Map<String, String> texts = new LinkedHashMap<>();
        JsonNode node = given(metadata, field);
        if (node != null && !node.isObject()) {
            problems.wrong("metadata." + field, "must be an object of texts", node);
        } else if (node != null) {
            node.properties().forEach(entry -> {
                if (entry.getValue().isTextual()) {
                    texts.put(entry.getKey(), entry.getValue().textValue());
                } else {
                    problems.wrong("metadata." + field + "." + entry.getKey(), "must be a text", entry.getValue());
                }
            });
        }
        return texts;
    }

    private void refuseUnknown(String path, JsonNode object, List<String> known) {
        problems.unknown(
                path,
                object.propertyStream()
                        .map(Map.Entry::getKey)
                        .filter(name -> !known.contains(name))
                        .toList(),
                known);
    }
}
