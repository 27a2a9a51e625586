package dev.moco.operator.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.operator.crd.MoCoExperiment;
import dev.moco.operator.crd.MoCoExperimentStatus;
import dev.moco.operator.jobs.Action;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.Owner;
import dev.moco.operator.jobs.ReportPlace;
import dev.moco.operator.jobs.Scene;
import dev.moco.operator.jobs.StageJobs;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.jobs.Turn;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.PlannedTask.State;
import dev.moco.operator.plan.Task;
import dev.moco.operator.read.ExperimentReader;
import dev.moco.operator.read.Reading;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Read, observe, decide, act, report: what an experiment needs next, whatever happened before. */
@ControllerConfiguration(name = ExperimentReconciler.NAME)
final class ExperimentReconciler implements Reconciler<MoCoExperiment> {
    static final String NAME = "mocoexperiment";
    /** A claim of another experiment is a Job by then, or none. */
    private static final Duration CLAIMED = Duration.ofSeconds(2);

    private static final Duration SOON = Duration.ofMillis(200);

    private final KubernetesClient client;
    private final OperatorConfig config;
    private final Set<String> namespaces;
    private final StoreWatch watch;
    private final Claims claims;
    private final ClusterWrites writes;
    private final StatusWrites statuses;
    private final OperatorMetrics metrics;
    private final Clock clock;
    private @Nullable ClusterView cluster;

    ExperimentReconciler(
            KubernetesClient client,
            OperatorConfig config,
            Set<String> namespaces,
            StoreWatch watch,
            OperatorMetrics metrics,
            Clock clock) {
        this.client = client;
        this.config = config;
        this.namespaces = namespaces;
        this.watch = watch;
        this.claims = new Claims(clock);
        this.writes = new ClusterWrites(client, metrics);
        this.statuses = new StatusWrites(client, metrics, clock);
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, MoCoExperiment>> prepareEventSources(EventSourceContext<MoCoExperiment> context) {
        ClusterView view = new ClusterView(context, namespaces, claims, clock);
        cluster = view;
        metrics.registry()
                .register(new ExperimentGauges(
                        () -> metrics.leads() ? context.getPrimaryCache().list() : Stream.empty(),
                        () -> metrics.leads() ? view.pods() : Stream.empty(),
                        clock));
        watch.onDeletion(this::forget);
        List<EventSource<?, MoCoExperiment>> sources = new ArrayList<>(view.sources());
        sources.add(watch);
        return sources;
    }

    @Override
    public UpdateControl<MoCoExperiment> reconcile(MoCoExperiment cached, Context<MoCoExperiment> context) {
        long start = System.nanoTime();
        ResourceID id = ResourceID.fromResource(cached);
        MDC.put("experiment", cached.getMetadata().getNamespace() + "/" + id.getName());
        try {
            Optional<Duration> again = turn(id, statuses.newest(cached));
            UpdateControl<MoCoExperiment> done = UpdateControl.noUpdate();
            again.ifPresent(done::rescheduleAfter);
            return done;
        } catch (RuntimeException e) {
            metrics.reconcileFailed();
            throw e;
        } finally {
            metrics.reconciled(System.nanoTime() - start);
            MDC.remove("experiment");
        }
    }

    /** One turn; returns when the next is due whatever happens. */
    private Optional<Duration> turn(ResourceID id, MoCoExperiment experiment) {
        ObjectMeta meta = experiment.getMetadata();
        Owner owner = new Owner(meta.getNamespace(), meta.getName(), meta.getUid(), meta.getGeneration());
        MoCoExperimentStatus previous = experiment.getStatus();
        Reading reading;
        try {
            reading = read(experiment);
        } catch (StageFailure refused) {
            watch.forget(id);
            claims.drop(id);
            Turn turn = Turn.refused(owner, previous, String.valueOf(refused.getMessage()), clock.instant());
            return statuses.write(experiment, turn) ? Optional.empty() : Optional.of(SOON);
        }
        Scene scene = new Scene(
                owner,
                reading.experiment(),
                reading.policy(),
                config,
                new ClusterSnapshot(cluster()),
                watch.view(id, owner.uid()),
                previous,
                clock.instant());
        Turn turn = Turn.of(scene);
        Optional<Duration> wait = Optional.empty();
        if (Turn.ended(scene)) {
            forget(id);
        } else {
            observe(id, scene, turn);
            wait = create(id, turn.creates());
        }
        if (tells(scene, turn) && !statuses.write(experiment, turn)) {
            return Optional.of(SOON);
        }
        if (Turn.ended(scene.after(turn.status()))) {
            watch.forget(id);
            claims.drop(id);
        }
        turn.stops().forEach(writes::stop);
        return sooner(wait, turn.again());
    }

    /** While the report is being written, a new resource, which needed nothing but looks, has nothing to tell yet. */
    private static boolean tells(Scene scene, Turn turn) {
        return !turn.report() || scene.previous() != null;
    }

    private Reading read(MoCoExperiment experiment) {
        JsonNode tree = client.getKubernetesSerialization().convertValue(experiment, JsonNode.class);
        return ExperimentReader.read(tree, config.dataRoot().map(Path::of));
    }

    private ClusterView cluster() {
        if (cluster == null) {
            throw new IllegalStateException("reconciles before its event sources are made");
        }
        return cluster;
    }

    /** Asks the store for what the turn lacks, and to be told of Jobs of its keys, whoever owns them. */
    private void observe(ResourceID id, Scene scene, Turn turn) {
        Optional<StoreAccess> access = StoreAccess.of(scene.experiment(), scene.policy(), config);
        if (access.isEmpty()) {
            watch.forget(id);
            return;
        }
        Map<String, String> sources = new HashMap<>();
        for (Task task : Plan.tasks(scene.experiment())) {
            if (turn.unlisted().contains(task.name())) {
                Plan.source(scene.experiment(), task).ifPresent(source -> sources.put(task.name(), source));
            }
        }
        Map<String, Stage> running = new HashMap<>();
        List<String> keys = new ArrayList<>();
        for (PlannedTask task : turn.decision().map(Decision::tasks).orElse(List.of())) {
            if (task.key().isPresent() && !task.state().terminal()) {
                keys.add(task.key().get());
                if (task.state() == State.RUNNING) {
                    running.put(task.key().get(), task.task().stage());
                }
            }
        }
        claims.interest(id, keys);
        Optional<Wanted.Report> report = turn.decision()
                .filter(decision -> turn.report())
                .map(decision -> new Wanted.Report(
                        ReportPlace.prefix(scene.owner()),
                        ReportPlace.uri(access.get(), scene.owner()),
                        scene.experiment(),
                        decision));
        watch.want(
                id,
                scene.owner().uid(),
                new Wanted(
                        StoreLogin.of(access.get(), scene.owner().namespace()),
                        sources,
                        turn.looks(),
                        running,
                        report));
    }

    /** Creates what nobody else is about to create, on looks that are fresh; returns when to try the rest. */
    private Optional<Duration> create(ResourceID id, List<Action.Create> creates) {
        Optional<Duration> wait = Optional.empty();
        for (Action.Create create : creates) {
            Collection<String> keys = StageJobs.keys(create.job()).values();
            if (!claims.claim(keys, id)) {
                wait = sooner(wait, Optional.of(CLAIMED));
            } else if (!watch.fresh(id, keys)) {
                wait = Optional.of(SOON);
            } else {
                Optional<Job> there = writes.create(create);
                there.ifPresent(cluster()::meet);
                wait = there.isPresent() ? sooner(wait, Optional.of(SOON)) : wait;
            }
        }
        return wait;
    }

    private static Optional<Duration> sooner(Optional<Duration> one, Optional<Duration> other) {
        return one.isPresent() && other.isPresent()
                ? Optional.of(one.get().compareTo(other.get()) < 0 ? one.get() : other.get())
                : one.or(() -> other);
    }

    private void forget(ResourceID id) {
        watch.forget(id);
        claims.drop(id);
        statuses.forget(id);
    }
}
