package dev.moco.operator.reconcile;

import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.metrics.PendingStage;
import dev.moco.operator.observe.ExperimentJobs;
import dev.moco.operator.observe.JobCache;
import dev.moco.operator.observe.PodWait;
import dev.moco.operator.observe.StagePods;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Jobs and pods of stages in informers, without environment and templates, which the operator never reads. */
final class JobInformers implements JobCache {
    private static final String SELECTOR = JobLabels.MANAGED_BY + "=" + JobLabels.MANAGED_BY_VALUE;
    /**
     * After this time the informer has a Job that was created or that a create conflicted with, unless the Job's label
     * was removed: a process whose watches are silent for longer is restarted by its liveness probe.
     */
    static final Duration REMEMBERED = Duration.ofMinutes(10);

    /** Annotations that are read. */
    private static final Set<String> ANNOTATIONS = Set.of(
            JobLabels.KEYS,
            JobLabels.STORE,
            JobLabels.CHECKPOINTS,
            JobLabels.POD_POLICY,
            JobLabels.RETRIES,
            JobLabels.COMPLETION_INDEX,
            StagePods.INDEX_FAILURES,
            StagePods.INDEX_IGNORED);
    /** Twenty trials have keys of less. */
    private static final int ANNOTATION_LENGTH = 4096;

    private static final String BY_OWNER = "owner";
    private static final String BY_KEY = "key";
    private static final String BY_ORPHAN = "orphan";

    private final List<InformerEventSource<Job, MoCoExperiment>> jobs = new ArrayList<>();
    private final List<InformerEventSource<Pod, MoCoExperiment>> pods = new ArrayList<>();
    /** Jobs that were created, or that a create conflicted with, and that no informer had: it lags, or the label was removed. */
    private final Map<ResourceID, RememberedJob> remembered = new ConcurrentHashMap<>();

    private final Clock clock;

    /** Informers of the watched namespaces; {@code reservations} lists the experiments that wait for another's Job. */
    JobInformers(
            EventSourceContext<MoCoExperiment> context,
            Set<String> namespaces,
            KeyReservations reservations,
            Clock clock) {
        this.clock = clock;
        Set<String> watched = namespaces.isEmpty() ? Constants.WATCH_ALL_NAMESPACE_SET : namespaces;
        // One informer for each namespace, with its own store: in a shared store each would delete the others' objects.
        for (String namespace : watched) {
            InformerEventSource<Job, MoCoExperiment> jobSource = new InformerEventSource<>(
                    configuration(
                            Job.class, "jobs", namespace, JobInformers::stripped, job -> informed(job, reservations)),
                    context);
            Map<String, Function<Job, List<String>>> indexes =
                    Map.of(BY_OWNER, JobInformers::owner, BY_KEY, JobInformers::keys, BY_ORPHAN, JobInformers::orphan);
            jobSource.addIndexers(indexes);
            jobs.add(jobSource);
            InformerEventSource<Pod, MoCoExperiment> podSource = new InformerEventSource<>(
                    configuration(
                            Pod.class, "pods", namespace, JobInformers::stripped, pod -> concerned(pod, reservations)),
                    context);
            podSource.addIndexers(Map.of(BY_OWNER, JobInformers::owner, BY_KEY, JobInformers::keys));
            pods.add(podSource);
        }
    }

    private static <T extends HasMetadata> InformerEventSourceConfiguration<T> configuration(
            Class<T> type,
            String name,
            String namespace,
            UnaryOperator<T> stripped,
            SecondaryToPrimaryMapper<T> concerned) {
        return InformerEventSourceConfiguration.from(type, MoCoExperiment.class)
                .withName(namespace.equals(Constants.WATCH_ALL_NAMESPACES) ? name : name + "-" + namespace)
                .withNamespaces(Set.of(namespace))
                .withLabelSelector(SELECTOR)
                .withItemStore(new TransformingItemStore<>(stripped))
                .withSecondaryToPrimaryMapper(concerned)
                // An object may concern experiments that do not own it, so the framework's own index does not help.
                .withPrimaryToSecondaryMapper(primary -> Set.of())
                .build();
    }

    /** Without long texts that anyone may add; the store of tens of thousands of Jobs is in memory. */
    private static @Nullable Map<String, String> kept(@Nullable Map<String, String> annotations) {
        return annotations == null
                ? null
                : annotations.entrySet().stream()
                        .filter(entry -> ANNOTATIONS.contains(entry.getKey())
                                && entry.getValue().length() <= ANNOTATION_LENGTH)
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    static Job stripped(Job job) {
        return new JobBuilder(job)
                .editMetadata()
                .withManagedFields()
                .withAnnotations(kept(job.getMetadata().getAnnotations()))
                .endMetadata()
                .editSpec()
                .withNewTemplate()
                .endTemplate()
                .endSpec()
                .build();
    }

    private static Pod stripped(Pod pod) {
        return new PodBuilder(pod)
                .editMetadata()
                .withManagedFields()
                .withAnnotations(kept(pod.getMetadata().getAnnotations()))
                .endMetadata()
                .withNewSpec()
                .withNodeName(pod.getSpec() == null ? null : pod.getSpec().getNodeName())
                .endSpec()
                .build();
    }

    private static List<String> owner(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .map(OwnerReference::getUid)
                .toList();
    }

    private static List<String> keys(HasMetadata object) {
        return List.copyOf(new HashSet<>(JobLabels.keys(object).values()));
    }

    private static List<String> orphan(Job job) {
        return JobLabels.isControlled(job)
                ? List.of()
                : JobLabels.label(job, JobLabels.EXPERIMENT)
                        .map(experiment -> job.getMetadata().getNamespace() + "/" + experiment)
                        .stream()
                        .toList();
    }

    private static Set<ResourceID> labeled(HasMetadata object) {
        String experiment = object.getMetadata().getLabels().get(JobLabels.EXPERIMENT);
        return experiment == null
                ? Set.of()
                : Set.of(new ResourceID(experiment, object.getMetadata().getNamespace()));
    }

    private static Set<ResourceID> concerned(HasMetadata object, KeyReservations reservations) {
        Set<ResourceID> all = reservations.watchers(ExperimentJobs.claims(object));
        all.addAll(labeled(object));
        return all;
    }

    /** The experiments that an event of a Job concerns; from now on the informer's Job counts, even if that is its deletion. */
    private Set<ResourceID> informed(Job job, KeyReservations reservations) {
        remembered.remove(ResourceID.fromResource(job));
        return concerned(job, reservations);
    }

    List<EventSource<?, MoCoExperiment>> sources() {
        List<EventSource<?, MoCoExperiment>> all = new ArrayList<>(jobs);
        all.addAll(pods);
        return all;
    }

    private record RememberedJob(Job job, Instant until) {}

    /** Remembers a Job that was created, or that a create conflicted with, until an informer has it. */
    void remember(Job job) {
        Instant now = clock.instant();
        remembered.values().removeIf(old -> old.until().isBefore(now));
        remembered.put(ResourceID.fromResource(job), new RememberedJob(stripped(job), now.plus(REMEMBERED)));
    }

    private Optional<Job> remembered(ResourceID id) {
        return Optional.ofNullable(remembered.get(id))
                .filter(entry -> clock.instant().isBefore(entry.until()))
                .map(RememberedJob::job);
    }

    private Optional<Job> informed(ResourceID id) {
        return jobs.stream().flatMap(source -> source.get(id).stream()).findFirst();
    }

    private List<Job> jobs(String index, String value) {
        return jobs.stream()
                .flatMap(source -> source.byIndex(index, value).stream())
                .toList();
    }

    private List<Job> withRemembered(List<Job> informed, Predicate<Job> matches) {
        if (remembered.isEmpty()) {
            return informed;
        }
        List<Job> all = new ArrayList<>(informed);
        remembered.keySet().stream()
                .filter(id -> informed(id).isEmpty())
                .flatMap(id -> remembered(id).stream())
                .filter(matches)
                .forEach(all::add);
        return all;
    }

    @Override
    public List<Job> owned(String uid) {
        return withRemembered(jobs(BY_OWNER, uid), job -> JobLabels.isOwnedBy(job, uid));
    }

    @Override
    public List<Job> withKey(String key) {
        return withRemembered(jobs(BY_KEY, key), job -> JobLabels.keys(job).containsValue(key));
    }

    @Override
    public List<Job> named(String namespace, String name) {
        ResourceID id = new ResourceID(name, namespace);
        return informed(id).or(() -> remembered(id)).stream().toList();
    }

    @Override
    public List<Job> orphans(String namespace, String experiment) {
        return jobs(BY_ORPHAN, namespace + "/" + experiment);
    }

    @Override
    public List<Pod> podsWithKey(String key) {
        return pods.stream()
                .flatMap(source -> source.byIndex(BY_KEY, key).stream())
                .toList();
    }

    @Override
    public List<Pod> pods(Job job) {
        return pods.stream()
                .flatMap(source -> source.byIndex(BY_OWNER, job.getMetadata().getUid()).stream())
                .toList();
    }

    /** Stages whose Job exists and waits for a pod to run. */
    Stream<PendingStage> waiting() {
        return jobs.stream()
                .flatMap(source -> source.list(JobLabels::isControlledByExperiment))
                .flatMap(job -> PodWait.since(job, pods(job)).map(since -> new PendingStage(job, since)).stream());
    }
}
