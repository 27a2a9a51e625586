package dev.moco.operator.jobs;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;

/**
 * What informers hold of an experiment.
 *
 * @param jobs every Job of the stages that the experiment owns, or that has one of its keys in whatever namespace
 *     ({@link StageJobs#keys})
 * @param pods their pods
 */
public record Cluster(List<Job> jobs, List<Pod> pods) {
    public Cluster {
        jobs = List.copyOf(jobs);
        pods = List.copyOf(pods);
    }
}
