package dev.moco.operator.jobs;

import dev.moco.contract.Experiment;
import dev.moco.contract.Sha256;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names of Jobs. A name is computed from the artifact, not from the experiment, so two experiments of a namespace that
 * need the same artifact use the same Job, and two operators never create a second one. Where an ended Job has the
 * name, a number is appended: {@code pretrain-0123456789ab}, then {@code pretrain-0123456789ab-2}.
 */
public final class JobNames {
    /** Digits of a key in a Job's name. */
    private static final int SHORT_KEY = 12;

    /** Digits of the hashes of store and retry token. */
    private static final int SUFFIX = 6;

    private static final Pattern TOKEN = Pattern.compile("-r([0-9a-f]{" + SUFFIX + "})(-[0-9]+)?$");

    private final String suffix;
    private final Optional<String> token;

    public JobNames(Owner owner, Experiment experiment, Policy policy, OperatorConfig config) {
        // Another store does not get this Job's commit; another retry token requests another attempt.
        Optional<String> store = StoreAccess.of(owner.namespace(), experiment, policy, config)
                .filter(access -> !config.stores().own(owner.namespace()).equals(Optional.of(access.location())))
                .map(StoreAccess::uri);
        this.token = policy.retryToken().map(text -> hash(text, SUFFIX));
        this.suffix = store.map(uri -> "-s" + hash(uri, SUFFIX)).orElse("")
                + token.map(hash -> "-r" + hash).orElse("");
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

    /**
     * Name of the next Job of a task whose key is known.
     *
     * @param taken whether a Job has a name
     */
    String next(PlannedTask task, Decision decision, Predicate<String> taken) {
        String first = task(task) + "-" + shortKey(task, decision) + suffix;
        String name = first;
        for (int number = 2; taken.test(name); number++) {
            name = first + "-" + number;
        }
        return name;
    }

    /** True if a Job was made for the current retry token. */
    public boolean hasCurrentToken(String job) {
        Matcher found = TOKEN.matcher(job);
        return token.equals(found.find() ? Optional.of(found.group(1)) : Optional.empty());
    }

    private static String hash(String text, int digits) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8)).substring(0, digits);
    }
}
