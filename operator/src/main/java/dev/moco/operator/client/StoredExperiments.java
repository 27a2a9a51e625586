package dev.moco.operator.client;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.NearestName;
import dev.moco.contract.StageFailure;
import dev.moco.operator.local.RunRecords;
import dev.moco.operator.local.RunRecords.Recorded;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

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
        return named(all(), StoredExperiment::name, name);
    }

    /** Finds one by its name. */
    private <T> T named(List<T> all, Function<T, String> nameOf, String name) {
        List<String> names = all.stream().map(nameOf).toList();
        return all.stream()
                .filter(each -> nameOf.apply(each).equals(name))
                .findFirst()
                .orElseThrow(() -> StageFailure.badConfig("no experiment \"" + name + "\" in " + place()
                        + (names.isEmpty()
                                ? ", which has none; `moco run` records those that it runs"
                                : "; nearest is \"" + NearestName.of(name, names) + "\", `moco list` lists all")));
    }

    /**
     * The recorded experiment of a name, to be run; its folders are absolute.
     *
     * @throws StageFailure bad configuration if there is none, with the nearest
     */
    default Source source(String name) throws IOException {
        Recorded recorded = named(records().all().recorded(), Recorded::name, name);
        return new Source(Path.of("/", name), recorded.tree(), recorded.reading());
    }
}
