package dev.moco.operator.resilience;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.localcluster.ContainerExit;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.resilience.MemoryApi.ApiRequest;
import dev.moco.operator.resilience.MemoryApi.Change;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Job controller, scheduler, node and garbage collector of a {@link MemoryApi}, without faults of their own. */
final class SimulatedNode {
    static final String JOBS = "/apis/batch/v1/jobs";
    static final String PODS = "/api/v1/pods";
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();
    private static final Duration SOON = Duration.ofSeconds(1);

    private final MemoryApi api;
    private final VirtualTime time;
    private final Stages stages;
    private final Map<String, Job> jobs = new TreeMap<>();
    private final Map<String, Pod> pods = new TreeMap<>();
    private final Map<String, EndedIndexes> ended = new HashMap<>();
    private final Set<String> starting = new TreeSet<>();
    private int serial;

    /** Behavior of the pods of stages. */
    interface Stages {
        /** Called when a pod starts and while it runs; returns the time until the next call, or its end. */
        Step run(Pod pod, Duration ran);
    }

    /** A pod's next call, or how it has ended. */
    record Step(Duration next, Optional<ContainerExit> exit) {}

    /** Indexes of a Job that have ended, and failures of each. */
    private static final class EndedIndexes {
        final Set<Integer> succeeded = new TreeSet<>();
        final Set<Integer> failed = new TreeSet<>();
        final Map<Integer, Integer> failures = new HashMap<>();
        final Set<String> counted = new TreeSet<>();
    }

    SimulatedNode(MemoryApi api, VirtualTime time, Stages stages) {
        this.api = api;
        this.time = time;
        this.stages = stages;
        api.listen(this::changed);
    }

    private void changed(Change change) {
        if (change.collection().equals(JOBS)) {
            remember(jobs, change, Job.class);
            time.later(
                    Duration.ZERO,
                    () -> sync(change.object().at("/metadata/uid").asText()));
        } else if (change.collection().equals(PODS)) {
            remember(pods, change, Pod.class);
            String job = change.object().at("/metadata/ownerReferences/0/uid").asText();
            time.later(Duration.ZERO, () -> sync(job));
        }
    }

    private static <T extends HasMetadata> void remember(Map<String, T> objects, Change change, Class<T> type) {
        String uid = change.object().at("/metadata/uid").asText();
        if (change.type().equals("DELETED")) {
            objects.remove(uid);
        } else {
            objects.put(uid, SERIALIZATION.unmarshal(change.object().toString(), type));
        }
    }

    /** Brings one Job and its pods forward. */
    private void sync(String uid) {
        List<Pod> pods = pods(uid);
        pods.stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() != null && starting.add("end " + uid(pod)))
                .forEach(pod -> time.later(SOON, () -> remove(pod, PODS, "pods")));
        Job job = jobs.get(uid);
        if (job == null || job.getMetadata().getDeletionTimestamp() != null) {
            pods.forEach(pod -> delete(pod, "pods"));
            if (job != null && pods.isEmpty()) {
                remove(job, JOBS, "jobs");
            }
        } else if (!JobLabels.ended(job)) {
            run(job, pods);
        }
    }

    private void run(Job job, List<Pod> pods) {
        EndedIndexes all = ended.computeIfAbsent(uid(job), unused -> new EndedIndexes());
        boolean indexed = "Indexed".equals(job.getSpec().getCompletionMode());
        int completions = indexed ? job.getSpec().getCompletions() : 1;
        Optional<String> failure = Optional.empty();
        for (Pod pod : pods) {
            int code = exitCode(pod);
            int index = index(pod);
            if (code < 0 || !all.counted.add(uid(pod))) {
                continue;
            }
            if (code == 0) {
                all.succeeded.add(index);
            } else if (code == 65 || code == 78) {
                all.failed.add(index);
                failure = Optional.of("PodFailurePolicy");
            } else if (code != 75 && code != 143) {
                Integer limit = indexed
                        ? job.getSpec().getBackoffLimitPerIndex()
                        : job.getSpec().getBackoffLimit();
                if (all.failures.merge(index, 1, Integer::sum) > limit) {
                    all.failed.add(index);
                    failure = Optional.of("BackoffLimitExceeded");
                }
            }
        }
        int over = all.succeeded.size() + all.failed.size();
        if (over < completions && !Boolean.TRUE.equals(job.getSpec().getSuspend())) {
            for (int index = 0; index < completions; index++) {
                int at = index;
                if (!all.succeeded.contains(index)
                        && !all.failed.contains(index)
                        && pods.stream().noneMatch(pod -> index(pod) == at && exitCode(pod) < 0)) {
                    create(job, index, indexed);
                }
            }
        }
        report(job, all, over == completions, failure.isPresent() || !all.failed.isEmpty(), indexed);
    }

    private void report(Job job, EndedIndexes all, boolean over, boolean failed, boolean indexed) {
        JobBuilder next = new JobBuilder(job);
        String start = job.getStatus() == null || job.getStatus().getStartTime() == null
                ? now()
                : job.getStatus().getStartTime();
        next.editOrNewStatus()
                .withStartTime(start)
                .withSucceeded(all.succeeded.size())
                .withFailed(all.failures.values().stream()
                                .mapToInt(Integer::intValue)
                                .sum()
                        + (int) all.failed.stream()
                                .filter(index -> !all.failures.containsKey(index))
                                .count())
                .withCompletedIndexes(indexed ? text(all.succeeded) : null)
                .withFailedIndexes(indexed ? text(all.failed) : null)
                .endStatus();
        if (over) {
            next.editStatus()
                    .withCompletionTime(failed ? null : now())
                    .addNewCondition()
                    .withType(failed ? JobLabels.FAILED : JobLabels.COMPLETE)
                    .withStatus("True")
                    .withMessage(failed ? "a pod has failed" : "Reached expected number of succeeded pods")
                    .withLastTransitionTime(now())
                    .endCondition()
                    .endStatus();
            Integer ttl = job.getSpec().getTtlSecondsAfterFinished();
            if (ttl != null) {
                time.later(Duration.ofSeconds(ttl), () -> delete(job, "jobs"));
            }
        }
        put(next.build(), "/apis/batch/v1", "jobs", "/status");
    }

    private static String text(Set<Integer> indexes) {
        return indexes.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private void create(Job job, int index, boolean indexed) {
        if (!starting.add("pod " + uid(job) + " " + index)) {
            return;
        }
        time.later(SOON, () -> {
            starting.remove("pod " + uid(job) + " " + index);
            Job current = jobs.get(uid(job));
            if (current == null || current.getMetadata().getDeletionTimestamp() != null) {
                return;
            }
            PodBuilder pod = new PodBuilder()
                    .withNewMetadata()
                    .withName(job.getMetadata().getName() + "-" + index + "-p" + ++serial)
                    .withLabels(job.getSpec().getTemplate().getMetadata().getLabels())
                    .addToLabels(JobLabels.JOB_NAME, job.getMetadata().getName())
                    .addNewOwnerReference()
                    .withApiVersion("batch/v1")
                    .withKind("Job")
                    .withName(job.getMetadata().getName())
                    .withUid(uid(job))
                    .withController(true)
                    .endOwnerReference()
                    .endMetadata()
                    .withSpec(job.getSpec().getTemplate().getSpec())
                    .withNewStatus()
                    .withPhase("Pending")
                    .endStatus();
            if (indexed) {
                pod.editMetadata()
                        .addToAnnotations(JobLabels.COMPLETION_INDEX, Integer.toString(index))
                        .endMetadata();
            }
            String path = "/api/v1/namespaces/" + job.getMetadata().getNamespace() + "/pods";
            api.handle(new ApiRequest("POST", path, Map.of(), "", SERIALIZATION.asJson(pod.build())));
            Pod made = pods(uid(job)).stream()
                    .filter(found -> found.getMetadata()
                            .getName()
                            .equals(pod.buildMetadata().getName()))
                    .findFirst()
                    .orElseThrow();
            time.later(SOON, () -> start(made));
        });
    }

    private void start(Pod pod) {
        if (running(pod)) {
            state(
                    pod,
                    "Running",
                    new ContainerStateBuilder().withNewRunning(now()).build());
            step(pod, Duration.ZERO);
        }
    }

    private void step(Pod pod, Duration ran) {
        if (!running(pod)) {
            return;
        }
        Step step = stages.run(pod, ran);
        if (step.exit().isEmpty()) {
            time.later(step.next(), () -> step(pod, ran.plus(step.next())));
            return;
        }
        ContainerExit exit = step.exit().get();
        state(
                pod,
                exit.exitCode() == 0 ? "Succeeded" : "Failed",
                new ContainerStateBuilder()
                        .withNewTerminated()
                        .withExitCode(exit.exitCode())
                        .withMessage(exit.message())
                        .withStartedAt(time.now().minus(ran).toString())
                        .withFinishedAt(now())
                        .endTerminated()
                        .build());
    }

    /** False once a pod is being deleted or is gone. */
    private boolean running(Pod pod) {
        return current(pod)
                .filter(found -> found.getMetadata().getDeletionTimestamp() == null)
                .isPresent();
    }

    private Optional<Pod> current(Pod pod) {
        return Optional.ofNullable(pods.get(uid(pod)));
    }

    private void state(Pod pod, String phase, ContainerState state) {
        Pod next = new PodBuilder(current(pod).orElseThrow())
                .withNewStatus()
                .withPhase(phase)
                .addNewContainerStatus()
                .withName("stage")
                .withState(state)
                .endContainerStatus()
                .endStatus()
                .build();
        put(next, "/api/v1", "pods", "/status");
    }

    private void put(HasMetadata object, String group, String plural, String subresource) {
        api.handle(new ApiRequest(
                "PUT", path(object, group, plural) + subresource, Map.of(), "", SERIALIZATION.asJson(object)));
    }

    private static String path(HasMetadata object, String group, String plural) {
        return group + "/namespaces/" + object.getMetadata().getNamespace() + "/" + plural + "/"
                + object.getMetadata().getName();
    }

    private void delete(HasMetadata object, String plural) {
        String group = plural.equals("jobs") ? "/apis/batch/v1" : "/api/v1";
        String options = "{\"preconditions\":{\"uid\":\"" + uid(object) + "\"},\"propagationPolicy\":\""
                + (plural.equals("jobs") ? "Foreground" : "Background") + "\"}";
        api.handle(new ApiRequest("DELETE", path(object, group, plural), Map.of(), "", options));
    }

    /** Removes the finalizers of an object that is being deleted. */
    private void remove(HasMetadata object, String collection, String plural) {
        api.all(collection).stream()
                .filter(found -> found.at("/metadata/uid").asText().equals(uid(object)))
                .findFirst()
                .ifPresent(found -> {
                    found.withObject("/metadata").putArray("finalizers");
                    String group = plural.equals("jobs") ? "/apis/batch/v1" : "/api/v1";
                    api.handle(new ApiRequest("PUT", path(object, group, plural), Map.of(), "", found.toString()));
                });
    }

    private static int exitCode(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .filter(status -> status.getState().getTerminated() != null)
                .map(status -> status.getState().getTerminated().getExitCode())
                .findFirst()
                .orElse(-1);
    }

    private static int index(Pod pod) {
        return JobLabels.annotation(pod, JobLabels.COMPLETION_INDEX)
                .map(Integer::valueOf)
                .orElse(0);
    }

    private static String uid(HasMetadata object) {
        return object.getMetadata().getUid();
    }

    private String now() {
        return time.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
    }

    /** Keys of the tasks of a Job. */
    static List<String> keys(ObjectNode job) {
        return List.copyOf(JobLabels.keys(SERIALIZATION.unmarshal(job.toString(), Job.class))
                .values());
    }

    List<Job> jobs() {
        return List.copyOf(jobs.values());
    }

    List<Pod> pods() {
        return List.copyOf(pods.values());
    }

    private List<Pod> pods(String owner) {
        return pods.values().stream()
                .filter(pod -> JobLabels.isOwnedBy(pod, owner))
                .toList();
    }
}
