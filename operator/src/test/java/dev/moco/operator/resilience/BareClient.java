package dev.moco.operator.resilience;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.Stage;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the writes of an operator without deciding anything: the same Jobs in the same order, each stage once the stage
 * before has completed, and as many statuses, events and patches. It reads no store and one watch of Jobs.
 */
final class BareClient implements AutoCloseable {
    private static final int THREADS = 8;

    private final KubernetesClient client;
    private final String namespace;
    private final WriteShare statusWrites;
    private final WriteShare eventWrites;
    private final WriteShare patches;
    private final Map<Stage, List<Job>> jobs = new TreeMap<>();
    private final Map<String, ObjectNode> statuses = new ConcurrentHashMap<>();
    private final Set<String> completed = ConcurrentHashMap.newKeySet();
    private final AtomicInteger left = new AtomicInteger();
    private final AtomicInteger written = new AtomicInteger();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final SharedIndexInformer<Job> informer;

    /**
     * Creates nothing yet.
     *
     * @param template Jobs that an operator has created in another namespace
     * @param experiments their experiments with the last statuses; resources of the same names are here
     * @param writes numbers of the operator's writes by kind
     */
    BareClient(
            KubernetesClient client,
            String namespace,
            Collection<Job> template,
            Collection<MoCoExperiment> experiments,
            Map<String, Long> writes) {
        this.client = client;
        this.namespace = namespace;
        this.statusWrites = WriteShare.of(writes, "/status", template.size());
        this.eventWrites = WriteShare.of(writes, " events", template.size());
        this.patches = WriteShare.of(writes, "patch jobs", template.size());
        experiments.forEach(experiment -> statuses.put(
                experiment.getMetadata().getName(),
                client.getKubernetesSerialization().convertValue(experiment.getStatus(), ObjectNode.class)));
        for (Job job : template) {
            jobs.computeIfAbsent(
                            Stage.of(JobLabels.label(job, JobLabels.STAGE).orElseThrow()), unused -> new ArrayList<>())
                    .add(here(job));
        }
        left.set(template.size());
        informer = client.batch().v1().jobs().inNamespace(namespace).inform(new ResourceEventHandler<Job>() {
            @Override
            public void onAdd(Job job) {}

            @Override
            public void onUpdate(Job before, Job job) {
                if (JobLabels.ended(job) && completed.add(job.getMetadata().getName())) {
                    threads.execute(() -> completed(job));
                }
            }

            @Override
            public void onDelete(Job job, boolean unknown) {}
        });
    }

    /** Spreads a number of writes evenly over all Jobs. */
    private record WriteShare(long all, int jobs, AtomicInteger done) {
        static WriteShare of(Map<String, Long> writes, String kind, int jobs) {
            long all = writes.entrySet().stream()
                    .filter(entry -> entry.getKey().endsWith(kind))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            return new WriteShare(all, jobs, new AtomicInteger());
        }

        /** Writes of the next Job. */
        long next() {
            int job = done.getAndIncrement();
            return (job + 1) * all / jobs - job * all / jobs;
        }
    }

    /** A Job for this namespace and its node. */
    private Job here(Job job) {
        return new JobBuilder(job)
                .withMetadata(new ObjectMetaBuilder()
                        .withName(job.getMetadata().getName())
                        .withNamespace(namespace)
                        .withLabels(job.getMetadata().getLabels())
                        .withAnnotations(job.getMetadata().getAnnotations())
                        .build())
                .withStatus(null)
                .editSpec()
                .withSelector(null)
                .editTemplate()
                .editMetadata()
                .removeFromLabels("batch.kubernetes.io/controller-uid")
                .removeFromLabels("batch.kubernetes.io/job-name")
                .removeFromLabels("controller-uid")
                .removeFromLabels("job-name")
                .endMetadata()
                .editSpec()
                .addToNodeSelector("kubernetes.io/hostname", namespace)
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    /** Creates the first Jobs; the others follow as these complete. */
    void start() {
        jobs.getOrDefault(Stage.PREPARE, List.of()).forEach(job -> threads.execute(() -> create(job)));
    }

    private void create(Job job) {
        client.resource(job).create();
        written.incrementAndGet();
        String experiment = JobLabels.label(job, JobLabels.EXPERIMENT).orElseThrow();
        for (long i = eventWrites.next(); i > 0; i--) {
            client.resource(event(experiment)).create();
            written.incrementAndGet();
        }
        for (long i = statusWrites.next(); i > 0; i--) {
            writeStatus(experiment);
        }
    }

    /** Writes a whole status, in which a text differs each time. */
    private void writeStatus(String name) {
        ObjectNode status = statuses.get(name).deepCopy();
        status.put("report", status.path("report").asText() + written.incrementAndGet());
        client.resources(MoCoExperiment.class)
                .inNamespace(namespace)
                .withName(name)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        MemoryApi.JSON.createObjectNode().set("status", status).toString());
    }

    private Event event(String experiment) {
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withGenerateName(experiment + ".")
                .endMetadata()
                .withNewInvolvedObject()
                .withKind(MoCoExperiment.KIND)
                .withNamespace(namespace)
                .withName(experiment)
                .endInvolvedObject()
                .withType("Normal")
                .withReason("Written")
                .withMessage("by a client without an operator")
                .build();
    }

    private void completed(Job job) {
        Stage stage = Stage.of(JobLabels.label(job, JobLabels.STAGE).orElseThrow());
        String experiment = JobLabels.label(job, JobLabels.EXPERIMENT).orElseThrow();
        if (stage == Stage.PREPARE && prepared()) {
            jobs.getOrDefault(Stage.PRETRAIN, List.of()).forEach(next -> threads.execute(() -> create(next)));
        } else if (stage == Stage.PRETRAIN) {
            for (Stage after : List.of(Stage.LINEAR, Stage.DETECT)) {
                jobs.getOrDefault(after, List.of()).stream()
                        .filter(next -> JobLabels.label(next, JobLabels.EXPERIMENT)
                                .filter(experiment::equals)
                                .isPresent())
                        .forEach(next -> threads.execute(() -> create(next)));
            }
        }
        for (long i = patches.next(); i > 0; i--) {
            client.batch()
                    .v1()
                    .jobs()
                    .inNamespace(namespace)
                    .withName(job.getMetadata().getName())
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"ttlSecondsAfterFinished\":86400}}");
            written.incrementAndGet();
        }
        left.decrementAndGet();
    }

    private boolean prepared() {
        return jobs.get(Stage.PREPARE).stream()
                .allMatch(job -> completed.contains(job.getMetadata().getName()));
    }

    /** True once every Job has completed and every write is made. */
    boolean done() {
        int jobsWritten = statusWrites.jobs();
        return left.get() == 0 && written.get() >= jobsWritten + statusWrites.all() + eventWrites.all() + patches.all();
    }

    /** Number of writes so far. */
    int written() {
        return written.get();
    }

    @Override
    public void close() {
        informer.close();
        threads.shutdownNow();
    }
}
