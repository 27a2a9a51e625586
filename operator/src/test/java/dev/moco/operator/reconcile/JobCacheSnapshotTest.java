package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.observe.JobCache;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobCacheSnapshotTest {
    private static final String KEY = "a".repeat(64);

    private final List<Job> jobs = new ArrayList<>();
    private final List<Pod> pods = new ArrayList<>();
    private final JobCache informers = new JobCache() {
        @Override
        public List<Job> owned(String uid) {
            return JobCache.of(jobs, pods).owned(uid);
        }

        @Override
        public List<Job> withKey(String key) {
            return JobCache.of(jobs, pods).withKey(key);
        }

        @Override
        public List<Job> named(String namespace, String name) {
            return JobCache.of(jobs, pods).named(namespace, name);
        }

        @Override
        public List<Job> orphans(String namespace, String experiment) {
            return JobCache.of(jobs, pods).orphans(namespace, experiment);
        }

        @Override
        public List<Pod> podsWithKey(String key) {
            return JobCache.of(jobs, pods).podsWithKey(key);
        }

        @Override
        public List<Pod> pods(Job job) {
            return JobCache.of(jobs, pods).pods(job);
        }
    };

    private final JobCache snapshot =
            new JobCacheSnapshot(informers, (namespace, name) -> Optional.empty(), (job, since) -> Optional.empty());

    @Test
    void aJobThatChangesLaterIsReturnedInItsFirstVersion() {
        Job before = job("1", 0);
        jobs.add(before);
        assertThat(snapshot.withKey(KEY)).containsExactly(before);
        jobs.set(0, job("1", 1));
        assertThat(snapshot.named("research", "pretrain-1")).containsExactly(before);
        assertThat(snapshot.owned("me")).containsExactly(before);
        assertThat(snapshot.withKey(KEY)).containsExactly(before);
    }

    @Test
    void aJobThatIsCreatedAfterTheQueryOfItsKeyIsNotReturned() {
        assertThat(snapshot.withKey(KEY)).isEmpty();
        jobs.add(job("1", 1));
        assertThat(snapshot.named("research", "pretrain-1")).isEmpty();
        assertThat(snapshot.owned("me")).isEmpty();
    }

    @Test
    void aJobThatIsDeletedLaterIsStillReturned() {
        Job job = job("1", 0);
        jobs.add(job);
        assertThat(snapshot.withKey(KEY)).containsExactly(job);
        jobs.clear();
        assertThat(snapshot.named("research", "pretrain-1")).containsExactly(job);
    }

    private static Job job(String uid, int succeeded) {
        return new JobBuilder()
                .withNewMetadata()
                .withNamespace("research")
                .withName("pretrain-1")
                .withUid(uid)
                .withAnnotations(Map.of(JobLabels.KEYS, "{\"pretrain\":\"" + KEY + "\"}"))
                .addNewOwnerReference()
                .withUid("me")
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withNewStatus()
                .withSucceeded(succeeded)
                .endStatus()
                .build();
    }
}
