package dev.moco.operator.gc;

import dev.moco.artifacts.StageObjects;
import dev.moco.contract.Manifest;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.SourceConfig;
import dev.moco.contract.Stage;
import dev.moco.contract.StageConfig;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Results and checkpoints that experiments need. A task whose inputs are not committed has no key yet: it may need every result
 * with its configuration, and everything of its stage that is not committed. A pre-training that is not committed may go on from a
 * shorter one that differs in its length alone. Weights that are not committed are read from a checkpoint where that is their file.
 */
public final class Needed {
    private final Map<String, Set<String>> byKey = new HashMap<>();
    private final List<Need> unkeyed = new ArrayList<>();
    private final List<Need> unfinished = new ArrayList<>();
    /** Files and raw data that unfinished tasks read, with the experiments that do. */
    private final Map<String, Set<String>> sources = new HashMap<>();

    private record Need(String experiment, StageConfig config) {}

    private Needed() {}

    /** Needs of experiments, by name. */
    public static Needed of(Map<String, Decision> experiments) {
        Needed needed = new Needed();
        experiments.forEach((name, decision) -> decision.tasks().forEach(task -> needed.add(name, task)));
        return needed;
    }

    private void add(String experiment, PlannedTask task) {
        StageConfig config = task.config().orElse(task.task().config());
        if (task.state() != TaskState.SUCCEEDED) {
            unfinished.add(new Need(experiment, config));
            task.task()
                    .source()
                    .ifPresent(source -> sources.computeIfAbsent(source, read -> new TreeSet<>())
                            .add(experiment));
        }
        if (task.key().isPresent()) {
            byKey.computeIfAbsent(name(task.task().stage(), task.key().get()), key -> new TreeSet<>())
                    .add(experiment);
        } else {
            unkeyed.add(new Need(experiment, anySource(config)));
        }
    }

    /**
     * Names of the experiments that need what is below a key, sorted.
     *
     * @param manifest its manifest; empty if it is not committed
     */
    public Set<String> by(StageObjects objects, Optional<Manifest> manifest) {
        Set<String> experiments = new TreeSet<>(byKey.getOrDefault(name(objects.stage(), objects.key()), Set.of()));
        for (Need task : unkeyed) {
            if (task.config().stage() == objects.stage()
                    && manifest.map(made -> anySource(made.config()).equals(task.config()))
                            .orElse(true)) {
                experiments.add(task.experiment());
            }
        }
        for (Need task : unfinished) {
            if (manifest.filter(made -> mayGoOnFrom(task.config(), made.config()))
                    .isPresent()) {
                experiments.add(task.experiment());
            }
        }
        sources.forEach((source, readers) -> {
            if (source.contains("/" + objects.prefix())) {
                experiments.addAll(readers);
            }
        });
        return experiments;
    }

    private static boolean mayGoOnFrom(StageConfig wanted, StageConfig made) {
        return wanted instanceof PretrainConfig longer
                && made instanceof PretrainConfig shorter
                && longer.epochsSharedWith(shorter) > 0;
    }

    private static String name(Stage stage, String key) {
        return stage.id() + "/" + key;
    }

    /** The configuration of any state of the raw data. */
    private static StageConfig anySource(StageConfig config) {
        return config instanceof SourceConfig source ? source.withSourceFingerprint("") : config;
    }
}
