package dev.moco.operator.jobs;

import dev.moco.contract.Experiment;
import dev.moco.contract.Sha256;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Names of Jobs. A name is computed from the artifact, not from the experiment, so two experiments of a namespace that
 * need the same artifact use the same Job, and two operators never create a second one.
 */
public final class JobNames {
    /** Digits of a key in a Job's name. */
    private static final int SHORT_KEY = 12;

    /** Digits of the hashes of store and retry token. */
    private static final int SUFFIX = 6;

    private final String suffix;

    public JobNames(Owner owner, Experiment experiment, Policy policy, OperatorConfig config) {
        // Another store does not get this Job's commit; another retry token requests another attempt.
        Optional<String> store = StoreAccess.of(owner.namespace(), experiment, policy, config)
                .filter(access -> !config.stores().own(owner.namespace()).equals(Optional.of(access.location())))
                .map(StoreAccess::uri);
        this.suffix = store.map(uri -> "-s" + hash(uri, SUFFIX)).orElse("")
                + policy.retryToken().map(token -> "-r" + hash(token, SUFFIX)).orElse("");
    }

    /** Name of the task in a Job's label and name. */
    static String task(PlannedTask task) {
        return task.task().stage().hasTrials()
                ? task.task().stage().id()
                : task.task().name();
    }

    /**
     * First digits of the key, or of a hash over the keys of all trials: A Job has only the trials that
     * had no commit when it was created, but later reconciles must compute the same name.
     */
    static String shortKey(PlannedTask task, Decision decision) {
        if (!task.task().stage().hasTrials()) {
            return task.key().orElseThrow().substring(0, SHORT_KEY);
        }
        return hash(
                decision.tasks().stream()
                        .filter(other -> other.task().stage() == task.task().stage())
                        .map(other -> other.key().orElse(""))
                        .collect(Collectors.joining(",")),
                SHORT_KEY);
    }

    /** The Job of a task whose key is known. */
    public String job(PlannedTask task, Decision decision) {
        return task(task) + "-" + shortKey(task, decision) + suffix;
    }

    private static String hash(String text, int digits) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8)).substring(0, digits);
    }
}
