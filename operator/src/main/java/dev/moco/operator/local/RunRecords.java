package dev.moco.operator.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment.Knn;
import dev.moco.contract.KnnConfig;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.Syntax;
import dev.moco.operator.spec.ExperimentReader;
import dev.moco.operator.spec.ExperimentTree;
import dev.moco.operator.spec.Reading;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Experiments that ran on a machine, kept beside their results: of each name the newest, as the resource of a cluster, with
 * absolute folders, with the fingerprints of its raw data in {@code status.data} and with what no field of the resource asks for
 * in {@code status.knn}.
 */
public record RunRecords(ObjectStore objects) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String FOLDER = "v" + ArtifactKey.CONTRACT_VERSION + "/runs/";
    private static final String STATUS = "status";
    private static final String NEIGHBORS = "knn";
    private static final Pattern NAME = Pattern.compile(
            Pattern.quote(FOLDER) + "(" + Syntax.LABEL.replace("^", "").replace("$", "") + ")\\.json");

    /**
     * A recorded experiment.
     *
     * @param tree the resource
     * @param reading what it says
     * @param fingerprints those of its raw data, by the task that reads it
     */
    public record Recorded(JsonNode tree, Reading reading, Map<String, String> fingerprints) {
        public Recorded {
            fingerprints = Map.copyOf(fingerprints);
        }

        public String name() {
            return reading.experiment().name();
        }
    }

    /**
     * Records that can be read, and those that cannot.
     *
     * @param recorded experiments, sorted by name
     * @param unreadable messages by the name of the experiment
     */
    public record All(List<Recorded> recorded, Map<String, String> unreadable) {
        public All {
            recorded = List.copyOf(recorded);
            unreadable = Map.copyOf(unreadable);
        }
    }

    /**
     * Records an experiment that is about to run.
     *
     * @param tree its document
     * @param reading what it says
     * @param fingerprints those of its raw data, by task
     */
    public void put(JsonNode tree, Reading reading, Map<String, String> fingerprints, Instant now) throws IOException {
        String name = reading.experiment().name();
        ObjectNode resource = ExperimentTree.located(tree, reading.experiment());
        resource.remove(STATUS);
        resource.withObject("metadata").put("creationTimestamp", created(name, resource, now));
        fingerprints.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(source -> resource.withObject(STATUS)
                        .withArray("data")
                        .addObject()
                        .put("name", source.getKey())
                        .put("fingerprint", source.getValue()));
        if (reading.experiment().nearestNeighbors().isPresent()) {
            Knn knn = reading.experiment().nearestNeighbors().get();
            resource.withObject(STATUS).set(NEIGHBORS, JSON.readTree(CanonicalJson.bytes(knn.config())));
        }
        byte[] bytes = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(resource);
        if (objects.get(key(name))
                .filter(before -> Arrays.equals(before, bytes))
                .isEmpty()) {
            objects.put(key(name), bytes);
        }
    }

    /** Time when the experiment with this spec was first recorded. */
    private String created(String name, ObjectNode resource, Instant now) throws IOException {
        Optional<byte[]> before = objects.get(key(name));
        if (before.isPresent()) {
            try {
                JsonNode old = JSON.readTree(before.get());
                String time = old.path("metadata").path("creationTimestamp").asText("");
                if (old.path("spec").equals(JSON.readTree(resource.path("spec").toString())) && !time.isEmpty()) {
                    return time;
                }
            } catch (JsonProcessingException | CharConversionException e) {
                return now.truncatedTo(ChronoUnit.SECONDS).toString(); // a torn record is replaced
            }
        }
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Stamps of all records by their keys: a record that changes has another one. */
    public Map<String, String> stamps() throws IOException {
        Map<String, String> stamps = new HashMap<>();
        objects.list(FOLDER, object -> stamps.put(object.key(), object.stamp()));
        return stamps;
    }

    /** Reads all records. */
    public All all() throws IOException {
        List<String> names = new ArrayList<>();
        objects.list(FOLDER, object -> {
            Matcher name = NAME.matcher(object.key());
            if (name.matches() && name.group(1).length() <= Syntax.LABEL_LENGTH) {
                names.add(name.group(1));
            }
        });
        List<Recorded> recorded = new ArrayList<>();
        Map<String, String> unreadable = new HashMap<>();
        for (String name : names.stream().sorted().toList()) {
            try {
                recorded.add(read(name));
            } catch (JsonProcessingException e) {
                unreadable.put(name, "is not JSON: " + e.getOriginalMessage());
            } catch (CharConversionException e) {
                unreadable.put(name, "is not JSON: " + e.getMessage());
            } catch (StageFailure e) {
                if (e.exitCode() == ExitCode.FAULT) {
                    throw e; // of the store
                }
                unreadable.put(name, String.valueOf(e.getMessage()));
            }
        }
        return new All(recorded, unreadable);
    }

    private Recorded read(String name) throws IOException {
        JsonNode tree = JSON.readTree(
                objects.get(key(name)).orElseThrow(() -> StageFailure.badData("was deleted while it was read")));
        Reading reading = ExperimentReader.read(Path.of("/", key(name)), tree);
        if (!reading.experiment().name().equals(name)) {
            throw StageFailure.badData(
                    "is the record of " + reading.experiment().name());
        }
        return new Recorded(tree, withNeighbors(reading, tree.path(STATUS).path(NEIGHBORS)), fingerprints(tree));
    }

    /** Fingerprints of the raw data in the status of a resource, by the task that reads it. */
    public static Map<String, String> fingerprints(JsonNode resource) {
        Map<String, String> fingerprints = new HashMap<>();
        for (JsonNode source : resource.path(STATUS).path("data")) {
            fingerprints.put(
                    source.path("name").asText(), source.path("fingerprint").asText());
        }
        return fingerprints;
    }

    private static Reading withNeighbors(Reading reading, JsonNode recorded) throws JsonProcessingException {
        if (recorded.isMissingNode()) {
            return reading;
        }
        try {
            KnnConfig config = CanonicalJson.read(JSON.writeValueAsBytes(recorded), KnnConfig.class);
            return new Reading(reading.experiment().with(new Knn(config)), reading.policy());
        } catch (UncheckedIOException e) {
            throw StageFailure.badData("has a " + STATUS + "." + NEIGHBORS + " that is " + e.getMessage(), e);
        }
    }

    /** Deletes a record if there is one; results stay. */
    public void delete(String name) throws IOException {
        objects.delete(key(name));
    }

    private static String key(String name) {
        if (!name.matches(Syntax.LABEL)) {
            throw StageFailure.badConfig("no experiment has the name \"" + name + "\"");
        }
        return FOLDER + name + ".json";
    }
}
