package dev.moco.operator.observe;

import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.Owner;
import dev.moco.operator.jobs.StoreAccess;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Jobs and pods that concern an experiment: those that commit to its store, in its namespace. Those of other namespaces
 * count only where all namespaces share the operator's store. Anyone can label a Job, so another one counts only if its
 * controller is an experiment.
 */
public final class ExperimentJobs {
    private final ReconcileInput input;
    private final Owner owner;
    private final Optional<String> store;
    private final boolean shared;

    public ExperimentJobs(ReconcileInput input) {
        this.input = input;
        this.owner = input.owner();
        this.store = StoreAccess.of(owner.namespace(), input.experiment(), input.policy(), input.config())
                .map(StoreAccess::uri);
        this.shared =
                input.experiment().store() == null && input.config().stores().shared();
    }

    /** Jobs that make a key, whether they run or have ended. */
    List<JobView> making(String key) {
        return input.jobs().withKey(key).stream()
                .filter(job -> near(job) && (isOwn(job) || JobLabels.isControlledByExperiment(job)))
                .flatMap(job -> JobView.of(job, key, input.jobs()).stream())
                .toList();
    }

    /**
     * Pods that make a key and have not ended although their Job has, or no longer exists. One of another namespace
     * counts only if its Job is known, or while it is being deleted: anyone can annotate a pod.
     */
    public List<Pod> leftPods(String key) {
        List<JobView> making = making(key);
        Set<String> live = uids(making.stream().filter(JobView::live));
        Set<String> known = uids(making.stream());
        return input.jobs().podsWithKey(key).stream()
                .filter(pod -> near(pod)
                        && !StagePods.hasEnded(pod)
                        && StagePods.makes(pod, key)
                        && !isOwnedByAny(pod, live)
                        && (isInNamespace(pod)
                                || pod.getMetadata().getDeletionTimestamp() != null
                                || isOwnedByAny(pod, known)))
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
                .toList();
    }

    private static Set<String> uids(Stream<JobView> views) {
        return views.map(view -> view.job().getMetadata().getUid()).collect(Collectors.toSet());
    }

    private static boolean isOwnedByAny(Pod pod, Set<String> uids) {
        return uids.stream().anyMatch(uid -> JobLabels.isOwnedBy(pod, uid));
    }

    /** True if a Job makes a key in the experiment's store. */
    public boolean makes(Job job, String key) {
        return near(job) && JobLabels.keys(job).containsValue(key);
    }

    /** Texts that name keys in the experiment's store, for {@code KeyReservations}: of all that may share its Jobs. */
    public List<String> claims(Collection<String> keys) {
        return claims(shared ? "" : owner.namespace(), store.orElse(""), keys);
    }

    /** Claims that a Job or pod concerns: those of its namespace, and those of all namespaces that share its store. */
    public static List<String> claims(HasMetadata object) {
        Collection<String> keys = JobLabels.keys(object).values();
        String store = JobLabels.annotation(object, JobLabels.STORE).orElse("");
        List<String> claims = new ArrayList<>(claims(object.getMetadata().getNamespace(), store, keys));
        claims.addAll(claims("", store, keys));
        return claims;
    }

    private static List<String> claims(String namespace, String store, Collection<String> keys) {
        return keys.stream().map(key -> namespace + " " + store + " " + key).toList();
    }

    private boolean near(HasMetadata object) {
        return commitsHere(object) && (shared || isInNamespace(object));
    }

    /** True if a Job or pod commits to the experiment's store. */
    private boolean commitsHere(HasMetadata object) {
        return store.isPresent()
                && JobLabels.annotation(object, JobLabels.STORE).equals(store);
    }

    boolean isInNamespace(HasMetadata object) {
        return owner.namespace().equals(object.getMetadata().getNamespace());
    }

    /** True for a Job that the experiment controls, or adopts. */
    boolean isOwn(Job job) {
        return JobLabels.isOwnedBy(job, owner.uid()) || (isNamed(job) && !JobLabels.isControlled(job));
    }

    /** True for a Job or pod of an experiment of this namespace and name, perhaps of an earlier resource. */
    public boolean isNamed(HasMetadata object) {
        return isInNamespace(object)
                && JobLabels.label(object, JobLabels.EXPERIMENT).equals(Optional.of(owner.name()));
    }

    /**
     * Own Jobs that have not ended, by name; with those that an earlier resource of the same name left when it was
     * deleted without its dependents.
     */
    public List<Job> unended() {
        return Stream.concat(
                        input.jobs().owned(owner.uid()).stream(),
                        input.jobs().orphans(owner.namespace(), owner.name()).stream()
                                .filter(job -> !JobLabels.keys(job).isEmpty()))
                .filter(job -> !JobLabels.ended(job))
                .sorted(Comparator.comparing(job -> job.getMetadata().getName()))
                .toList();
    }

    /** Own Jobs that have not ended and commit to another store, since the operator's was changed while they ran. */
    public List<Job> elsewhere() {
        return unended().stream()
                .filter(job -> JobLabels.isControlled(job)
                        && JobLabels.annotation(job, JobLabels.STORE).isPresent()
                        && !commitsHere(job))
                .toList();
    }

    /**
     * Keys of the experiment's own Jobs by task, as they were when the Jobs were made: another version of the operator
     * may compute others. A Job that failed is followed by one with a new key.
     */
    public Map<String, String> keys() {
        Map<String, String> keys = new HashMap<>();
        input.jobs().owned(owner.uid()).stream()
                .filter(this::near)
                .sorted(Comparator.comparing((Job job) -> !JobLabels.ended(job))
                        .thenComparing(StagePods::created)
                        .thenComparing(job -> job.getMetadata().getName()))
                .forEach(job -> JobLabels.keys(job).forEach((task, key) -> {
                    if (JobView.of(job, key, input.jobs())
                            .filter(this::runsOrCommitted)
                            .isPresent()) {
                        keys.put(task, key);
                    }
                }));
        return keys;
    }

    /** True while a Job runs, while it is unknown whether it has committed, and if it has. */
    private boolean runsOrCommitted(JobView view) {
        boolean committedNothing = Optional.ofNullable(
                        input.store().observations().get(view.key()))
                .filter(read -> read.version().equals(KeyVersion.of(view.key(), this))
                        && read.manifest().isEmpty())
                .isPresent();
        return view.live() || (view.completed() && !committedNothing);
    }
}
