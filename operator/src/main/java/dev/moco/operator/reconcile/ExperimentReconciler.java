package dev.moco.operator.reconcile;

import dev.moco.contract.StageFailure;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.decide.ReconcilePlan;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.Owner;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.metrics.ExperimentGauges;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.observe.ReconcileInput;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.spec.ExperimentReader;
import dev.moco.operator.spec.Reading;
import dev.moco.operator.storage.StoreEventSource;
import dev.moco.operator.storage.StoreRequest;
import io.fabric8.kubernetes.api.model.ObjectMeta;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Read, observe, decide, act, report: what an experiment needs next, whatever happened before. */
@ControllerConfiguration(name = ExperimentReconciler.NAME)
public final class ExperimentReconciler implements Reconciler<MoCoExperiment> {
    static final String NAME = "mocoexperiment";
    private static final Duration SOON = Duration.ofMillis(200);

    private final OperatorConfig config;
    private final Set<String> namespaces;
    private final StoreEventSource watch;
    private final KeyReservations claims;
    private final JobCreator jobs;
    private final JobTerminator stops;
    private final StatusWriter statuses;
    private final OperatorMetrics metrics;
    private final Clock clock;
    private @Nullable JobInformers cluster;

    public ExperimentReconciler(
            KubernetesClient client,
            OperatorConfig config,
            Set<String> namespaces,
            StoreEventSource watch,
            OperatorMetrics metrics,
            Clock clock) {
        this.config = config;
        this.namespaces = namespaces;
        this.watch = watch;
        this.claims = new KeyReservations(clock);
        this.jobs = new JobCreator(client, metrics, claims, watch);
        this.stops = new JobTerminator(client, metrics);
        this.statuses = new StatusWriter(client, metrics, clock);
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, MoCoExperiment>> prepareEventSources(EventSourceContext<MoCoExperiment> context) {
        JobInformers view = new JobInformers(context, namespaces, claims, clock);
        cluster = view;
        // One that does not act has the same to tell as the one that does.
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
            metrics.turn(id);
            UpdateControl<MoCoExperiment> done = UpdateControl.noUpdate();
            turn(id, statuses.newest(cached)).ifPresent(done::rescheduleAfter);
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
        Reading reading;
        try {
            reading = read(experiment);
        } catch (StageFailure refused) {
            rest(id);
            String problem = String.valueOf(refused.getMessage());
            ReconcilePlan turn = ReconcilePlan.refused(owner, experiment.getStatus(), problem, clock.instant());
            return tell(experiment, turn).again();
        }
        ReconcileInput scene = new ReconcileInput(
                owner,
                reading.experiment(),
                reading.policy(),
                config,
                new JobCacheSnapshot(cluster(), jobs::refusal),
                watch.view(id, owner.uid()),
                experiment.getStatus(),
                clock.instant());
        ReconcilePlan turn = ReconcilePlan.of(scene);
        Optional<Duration> wait = Optional.empty();
        if (ReconcilePlan.ended(scene)) {
            forget(id);
        } else {
            observe(id, scene, turn);
            wait = jobs.create(id, turn.creates(), cluster());
        }
        StatusWriteResult told = tells(scene, turn) ? tell(experiment, turn) : StatusWriteResult.ALL;
        if (told.stale()) {
            return told.again();
        }
        if (ReconcilePlan.ended(scene.after(turn.status()))) {
            rest(id);
        }
        turn.stops().forEach(stops::stop);
        return Durations.sooner(Durations.sooner(wait, told.again()), turn.again());
    }

    /**
     * What came of telling a turn's status.
     *
     * @param stale whether the resource has changed meanwhile, so that the turn must not go on
     * @param again when there is something to tell yet
     */
    private record StatusWriteResult(boolean stale, Optional<Duration> again) {
        static final StatusWriteResult ALL = new StatusWriteResult(false, Optional.empty());
    }

    private StatusWriteResult tell(MoCoExperiment experiment, ReconcilePlan turn) {
        Optional<Duration> due = statuses.due(experiment, turn);
        if (due.isEmpty() || !due.get().isZero()) {
            return new StatusWriteResult(false, due);
        }
        return statuses.write(experiment, turn)
                ? StatusWriteResult.ALL
                : new StatusWriteResult(true, Optional.of(SOON));
    }

    private Reading read(MoCoExperiment experiment) {
        return ExperimentReader.read(experiment, config.dataRoot().map(Path::of));
    }

    private JobInformers cluster() {
        if (cluster == null) {
            throw new IllegalStateException("reconciles before its event sources are made");
        }
        return cluster;
    }

    /** Asks the store for what the turn lacks, and to be told of Jobs of its keys, whoever owns them. */
    private void observe(ResourceID id, ReconcileInput scene, ReconcilePlan turn) {
        Optional<StoreAccess> access = StoreAccess.of(scene.experiment(), scene.policy(), config);
        if (access.isEmpty()) {
            rest(id);
            return;
        }
        claims.interest(
                id,
                turn.decision().map(Decision::tasks).orElse(List.of()).stream()
                        .filter(task -> !task.state().terminal())
                        .map(PlannedTask::key)
                        .flatMap(Optional::stream)
                        .toList());
        watch.want(id, scene.owner().uid(), StoreRequest.by(turn, scene, access.get()));
    }

    /** While the report is being written, a new resource, which needed nothing but looks, has nothing to tell yet. */
    private static boolean tells(ReconcileInput scene, ReconcilePlan turn) {
        return !turn.report() || scene.previous() != null;
    }

    /** Looks at nothing more for it. */
    private void rest(ResourceID id) {
        watch.forget(id);
        claims.drop(id);
        metrics.rests(id);
    }

    private void forget(ResourceID id) {
        rest(id);
        statuses.forget(id);
    }
}
