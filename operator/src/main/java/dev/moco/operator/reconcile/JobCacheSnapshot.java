package dev.moco.operator.reconcile;

import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.observe.JobCache;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A consistent view of the informers for one reconciliation: repeated queries have the same answer. Otherwise a Job
 * could end between the query for its key's version and the one for its state, and its commit would be missed.
 */
final class JobCacheSnapshot implements JobCache {
    private final JobCache informers;
    private final BiFunction<String, String, Optional<String>> refusals;
    private final BiFunction<Job, Instant, Optional<String>> warnings;
    private final Map<String, Job> jobs = new HashMap<>();
    private final Map<String, List<Job>> byKey = new HashMap<>();
    private final Map<String, List<Job>> byOwner = new HashMap<>();
    private final Map<String, List<Job>> byName = new HashMap<>();
    private final Map<String, List<Job>> byOrphan = new HashMap<>();
    private final Map<String, List<Pod>> pods = new HashMap<>();
    private final Map<String, List<Pod>> podsByKey = new HashMap<>();

    JobCacheSnapshot(
            JobCache informers,
            BiFunction<String, String, Optional<String>> refusals,
            BiFunction<Job, Instant, Optional<String>> warnings) {
        this.informers = informers;
        this.refusals = refusals;
        this.warnings = warnings;
    }

    @Override
    public List<Job> owned(String uid) {
        return byOwner.computeIfAbsent(uid, owner -> known(informers.owned(owner)));
    }

    @Override
    public List<Job> withKey(String key) {
        return byKey.computeIfAbsent(key, queried -> known(informers.withKey(queried)));
    }

    @Override
    public List<Job> named(String namespace, String name) {
        List<Job> returned = jobs.values().stream()
                .filter(job -> job.getMetadata().getNamespace().equals(namespace)
                        && job.getMetadata().getName().equals(name))
                .toList();
        return returned.isEmpty()
                ? byName.computeIfAbsent(namespace + "/" + name, unused -> known(informers.named(namespace, name)))
                : returned;
    }

    @Override
    public List<Job> orphans(String namespace, String experiment) {
        return byOrphan.computeIfAbsent(
                namespace + "/" + experiment, unused -> known(informers.orphans(namespace, experiment)));
    }

    @Override
    public List<Pod> podsWithKey(String key) {
        return podsByKey.computeIfAbsent(key, informers::podsWithKey);
    }

    @Override
    public List<Pod> pods(Job job) {
        return pods.computeIfAbsent(job.getMetadata().getUid(), unused -> informers.pods(job));
    }

    @Override
    public Optional<String> refusal(String namespace, String name) {
        return refusals.apply(namespace, name);
    }

    @Override
    public Optional<String> warning(Job job, Instant since) {
        return warnings.apply(job, since);
    }

    /** Jobs in their first returned version, without those that appeared after one of their keys was queried. */
    private List<Job> known(List<Job> found) {
        return found.stream()
                .filter(job -> jobs.containsKey(job.getMetadata().getUid())
                        || JobLabels.keys(job).values().stream().noneMatch(byKey::containsKey))
                .map(job -> jobs.computeIfAbsent(job.getMetadata().getUid(), uid -> job))
                .toList();
    }
}
