package dev.moco.operator.client;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.NearestName;
import dev.moco.contract.StageFailure;
import dev.moco.operator.local.RunRecords;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A store, and the experiments that use it: of a work folder, a bucket or a cluster. */
public interface StoredExperiments extends AutoCloseable {
    /** Name of the place, for messages. */
    String place();

    ArtifactStore artifacts();

    /** Experiments that {@code moco run} has recorded in the store. */
    default RunRecords records() {
        return new RunRecords(artifacts().objects());
    }

    /** Place of an object, for a person: its path, or its URI. */
    String locate(String key);

    /** Experiments, sorted by name. */
    List<StoredExperiment> all() throws IOException;

    /** Experiments that cannot be read, with the reason. */
    Map<String, String> unreadable() throws IOException;

    @Override
    void close() throws IOException;

    /**
     * The experiment of a name.
     *
     * @throws StageFailure bad configuration if there is none, with the nearest
     */
    default StoredExperiment one(String name) throws IOException {
        List<StoredExperiment> all = all();
        List<String> names = all.stream().map(StoredExperiment::name).toList();
        return all.stream()
                .filter(experiment -> experiment.name().equals(name))
                .findFirst()
                .orElseThrow(() -> StageFailure.badConfig("no experiment \"" + name + "\" in " + place()
                        + (names.isEmpty()
                                ? ", which has none; `moco run` records those that it runs"
                                : "; nearest is \"" + NearestName.of(name, names) + "\", `moco list` lists all")));
    }
}
