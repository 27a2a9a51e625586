package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.Experiment;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.MoCoExperimentSpec;
import dev.moco.operator.api.PretrainSpec;
import java.util.ArrayList;
import java.util.List;

/** Trees of experiments, made of other trees. */
public final class ExperimentTree {
    private static final String SPEC = "spec";
    private static final String DATA = "data";
    private static final String PRETRAIN = "pretrain";
    private static final String MILESTONES = "/spec/pretrain/milestones";
    /** Sections that say where an experiment runs: another one's belong to its data. */
    private static final List<String> PLACE = List.of(DATA, "storage", "resources");

    private static final JsonMapper JSON = new JsonMapper();

    private ExperimentTree() {}

    /** A copy with absolute folders and files, as a file anywhere would name them. */
    public static ObjectNode located(JsonNode tree, Experiment experiment) {
        ObjectNode copy = tree.deepCopy();
        ObjectNode data = object(object(copy, SPEC), DATA);
        data.put("imagenet", experiment.data().imagenet());
        String voc = experiment.data().voc();
        if (voc != null && data.hasNonNull("voc")) {
            data.put("voc", voc);
        }
        experiment.weights().ifPresent(from -> {
            if (copy.at("/spec/encoder/from").isTextual()) {
                object(object(copy, SPEC), "encoder").put("from", from.file());
            } else {
                object(object(object(copy, SPEC), PRETRAIN), "from").put("file", from.file());
            }
        });
        return copy;
    }

    /**
     * An experiment with the raw data of another one, and with its value of each field that the experiment does not state: its
     * recipe in the other's sizes. Milestones of a step schedule are scaled to the epochs.
     *
     * @param model document of the other one, with absolute folders
     */
    static JsonNode like(JsonNode tree, JsonNode model) {
        if (!tree.isObject() || !tree.path(SPEC).isObject()) {
            return tree; // the reader says what is wrong
        }
        ObjectNode copy = tree.deepCopy();
        ObjectNode own = object(copy, SPEC);
        own.remove(PLACE);
        copy.set(SPEC, merged(own, model.path(SPEC)));
        if (tree.at(MILESTONES).isArray() || !copy.at(MILESTONES).isArray()) {
            scaleMilestones(copy, tree);
        }
        return copy;
    }

    /** In fewer or more epochs the learning rate falls after the same shares of them. */
    private static void scaleMilestones(ObjectNode copy, JsonNode recipe) {
        JsonNode before = withDefaults(recipe).path(PRETRAIN);
        int from = before.path("epochs").asInt();
        int to = withDefaults(copy).path(PRETRAIN).path("epochs").asInt();
        if (from == to || from < 1 || !before.path("schedule").asText().equals("Step")) {
            return;
        }
        boolean supervised = before.path("method").asText().equals("Supervised");
        List<Integer> milestones = new ArrayList<>();
        if (before.path("milestones").isArray()) {
            before.path("milestones").forEach(milestone -> milestones.add(milestone.asInt()));
        } else if (supervised) {
            milestones.addAll(List.of(PretrainSpec.FIRST_SUPERVISED, PretrainSpec.SECOND_SUPERVISED));
        } else {
            milestones.addAll(List.of(PretrainSpec.FIRST_MILESTONE, PretrainSpec.SECOND_MILESTONE));
        }
        ArrayNode scaled = object(object(copy, SPEC), PRETRAIN).putArray("milestones");
        milestones.stream()
                .map(milestone -> (int) Math.round(milestone * (double) to / from))
                .filter(milestone -> milestone >= 1 && milestone < to)
                .distinct()
                .forEach(scaled::add);
    }

    /** Fields of both, of those that both have the first one's. */
    private static JsonNode merged(JsonNode own, JsonNode other) {
        if (!(own instanceof ObjectNode fields) || !other.isObject()) {
            return own;
        }
        ObjectNode all = other.deepCopy();
        fields.propertyStream()
                .forEach(field -> all.set(field.getKey(), merged(field.getValue(), other.path(field.getKey()))));
        return all;
    }

    /** Sets a field below nothing or objects. */
    static void set(ObjectNode tree, String path, JsonNode value) {
        List<String> names = List.of(path.split("\\.", -1));
        ObjectNode at = tree;
        for (String name : names.subList(0, names.size() - 1)) {
            at = object(at, name);
        }
        at.set(names.get(names.size() - 1), value);
    }

    private static ObjectNode object(ObjectNode at, String name) {
        if (!at.hasNonNull(name)) {
            return at.putObject(name);
        } else if (at.get(name) instanceof ObjectNode object) {
            return object;
        }
        throw StageFailure.badConfig(name + " must be an object, found " + at.get(name));
    }

    /** The spec of a valid experiment with all defaults. */
    static JsonNode withDefaults(JsonNode tree) {
        Problems none = new Problems();
        MoCoExperimentSpec spec = new ChosenFields(none)
                .fill(new SpecReader(none)
                        .read(
                                MoCoExperimentSpec.class,
                                SPEC,
                                tree.path(SPEC).isObject() ? tree.path(SPEC) : JsonNodeFactory.instance.objectNode()));
        return JSON.valueToTree(spec);
    }
}
