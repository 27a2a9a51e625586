package dev.moco.operator.observe;

import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Jobs and pods in the informers. Each method reads one index; only {@link #warning} may call the API server. */
public interface JobCache {
    /** Jobs whose controller is the resource of this uid. */
    List<Job> owned(String uid);

    /** Jobs of any namespace that have a key among their {@link JobLabels#keys}. */
    List<Job> withKey(String key);

    /** The Job of a name, even one of another program; read from the informer, not from the API server. */
    List<Job> named(String namespace, String name);

    /** Jobs of a namespace that are labeled with an experiment's name and have no controller. */
    List<Job> orphans(String namespace, String experiment);

    /** Pods whose controller is this Job. */
    List<Pod> pods(Job job);

    /** Pods of any namespace that have a key among their {@link JobLabels#keys}, even if their Job no longer exists. */
    List<Pod> podsWithKey(String key);

    /** Reason of the API server's last refusal to create a Job of this name: a quota, a policy. */
    default Optional<String> refusal(String namespace, String name) {
        return Optional.empty();
    }

    /** Newest warning event about a Job since a time, which says why it has no pod. It may be some seconds old. */
    default Optional<String> warning(Job job, Instant since) {
        return Optional.empty();
    }

    /** Cache of plain lists. */
    static JobCache of(List<Job> jobs, List<Pod> pods) {
        return new JobCache() {
            @Override
            public List<Job> owned(String uid) {
                return jobs.stream()
                        .filter(job -> JobLabels.isOwnedBy(job, uid))
                        .toList();
            }

            @Override
            public List<Job> withKey(String key) {
                return jobs.stream()
                        .filter(job -> JobLabels.keys(job).containsValue(key))
                        .toList();
            }

            @Override
            public List<Job> named(String namespace, String name) {
                return jobs.stream()
                        .filter(job -> job.getMetadata().getNamespace().equals(namespace)
                                && job.getMetadata().getName().equals(name))
                        .toList();
            }

            @Override
            public List<Job> orphans(String namespace, String experiment) {
                return jobs.stream()
                        .filter(job -> job.getMetadata().getNamespace().equals(namespace)
                                && JobLabels.label(job, JobLabels.EXPERIMENT).equals(Optional.of(experiment))
                                && !JobLabels.isControlled(job))
                        .toList();
            }

            @Override
            public List<Pod> podsWithKey(String key) {
                return pods.stream()
                        .filter(pod -> JobLabels.keys(pod).containsValue(key))
                        .toList();
            }

            @Override
            public List<Pod> pods(Job job) {
                return pods.stream()
                        .filter(pod ->
                                JobLabels.isOwnedBy(pod, job.getMetadata().getUid()))
                        .toList();
            }
        };
    }
}
