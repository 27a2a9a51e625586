package dev.moco.operator.reconcile;

import dev.moco.contract.StageFailure;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.api.MoCoExperimentSpec;
import dev.moco.operator.decide.ReconcilePlan;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.Owner;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.metrics.ExperimentGauges;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.observe.ExperimentJobs;
import dev.moco.operator.observe.PreviousStatus;
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

/** Reconciles an experiment: read, observe, decide, act, report. */
@ControllerConfiguration(name = ExperimentReconciler.NAME)
public final class ExperimentReconciler implements Reconciler<MoCoExperiment> {
    static final String NAME = "mocoexperiment";
    private static final Duration RETRY = Duration.ofMillis(200);

    private final OperatorConfig config;
    private final Set<String> namespaces;
    private final StoreEventSource stores;
    private final KeyReservations reservations;
    private final JobCreator creator;
    private final JobWarnings warnings;
    private final JobTerminator terminator;
    private final JobPatcher patcher;
    private final StatusWriter statusWriter;
    private final OperatorMetrics metrics;
    private final Clock clock;
    private @Nullable JobInformers informers;

    public ExperimentReconciler(
            KubernetesClient client,
            OperatorConfig config,
            Set<String> namespaces,
            StoreEventSource stores,
            OperatorMetrics metrics,
            Clock clock) {
        this.config = config;
        this.namespaces = namespaces;
        this.stores = stores;
        this.reservations = new KeyReservations(clock);
        this.creator = new JobCreator(client, metrics, reservations, stores, clock);
        this.warnings = new JobWarnings(client, clock);
        this.terminator = new JobTerminator(client, metrics);
        this.patcher = new JobPatcher(client, metrics);
        this.statusWriter = new StatusWriter(client, metrics, clock);
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, MoCoExperiment>> prepareEventSources(EventSourceContext<MoCoExperiment> context) {
        JobInformers made = new JobInformers(context, namespaces, reservations, clock);
        informers = made;
        // A standby has the same resources in its informers, so only the leader exports them.
        metrics.registry()
                .register(new ExperimentGauges(
                        () -> metrics.leads() ? context.getPrimaryCache().list() : Stream.empty(),
                        () -> metrics.leads() ? Stream.concat(made.waiting(), creator.waiting()) : Stream.empty(),
                        clock));
        stores.onDeletion(this::forget);
        List<EventSource<?, MoCoExperiment>> sources = new ArrayList<>(made.sources());
        sources.add(stores);
        return sources;
    }

    @Override
    public UpdateControl<MoCoExperiment> reconcile(MoCoExperiment cached, Context<MoCoExperiment> context) {
        long start = System.nanoTime();
        ResourceID id = ResourceID.fromResource(cached);
        MDC.put("experiment", cached.getMetadata().getNamespace() + "/" + id.getName());
        try {
            metrics.reconciling(id);
            UpdateControl<MoCoExperiment> done = UpdateControl.noUpdate();
            reconcile(id, statusWriter.newest(cached)).ifPresent(done::rescheduleAfter);
            return done;
        } catch (RuntimeException e) {
            metrics.reconcileFailed();
            throw e;
        } finally {
            metrics.reconciled(System.nanoTime() - start);
            MDC.remove("experiment");
        }
    }

    /** One reconciliation; returns the time until the next one is due without an event. */
    private Optional<Duration> reconcile(ResourceID id, MoCoExperiment experiment) {
        ObjectMeta meta = experiment.getMetadata();
        Owner owner = new Owner(meta.getNamespace(), meta.getName(), meta.getUid(), meta.getGeneration());
        Reading reading;
        try {
            reading = read(experiment);
        } catch (StageFailure refused) {
            release(id);
            String problem = String.valueOf(refused.getMessage());
            return refused(owner, experiment, problem);
        }
        ReconcileInput input = new ReconcileInput(
                owner,
                reading.experiment(),
                reading.policy(),
                config,
                new JobCacheSnapshot(informers(), creator::refusal, warnings::newest),
                stores.snapshot(id, owner.uid()),
                experiment.getStatus(),
                clock.instant());
        ReconcilePlan plan = ReconcilePlan.of(input);
        Optional<Duration> wait = Optional.empty();
        if (PreviousStatus.ended(input)) {
            forget(id);
        } else {
            observe(id, input, plan);
            if (plan.queries().isEmpty() && plan.unlisted().isEmpty()) {
                creator.settled(id, plan.creates());
            }
            wait = creator.create(id, new ExperimentJobs(input), plan.creates(), informers());
        }
        StatusWriteResult written =
                writesStatus(input, plan) ? writeStatus(experiment, plan) : StatusWriteResult.COMPLETE;
        if (written.stale()) {
            return written.again();
        }
        if (PreviousStatus.ended(input.withPrevious(plan.status()))) {
            release(id);
        }
        plan.terminations().forEach(terminator::terminate);
        plan.patches().forEach(patcher::patch);
        return Durations.shorter(Durations.shorter(wait, written.again()), plan.requeueAfter());
    }

    /** Reports a spec that cannot be read; what runs of an earlier one can still be stopped. */
    private Optional<Duration> refused(Owner owner, MoCoExperiment experiment, String problem) {
        MoCoExperimentSpec spec = experiment.getSpec();
        boolean stops = spec != null && (Boolean.TRUE.equals(spec.suspend()) || Boolean.TRUE.equals(spec.cancel()));
        ReconcilePlan plan = ReconcilePlan.refused(
                owner,
                experiment.getStatus(),
                problem,
                stops ? informers().owned(owner.uid()) : List.of(),
                clock.instant());
        StatusWriteResult written = writeStatus(experiment, plan);
        if (!written.stale()) {
            plan.terminations().forEach(terminator::terminate);
        }
        return written.again();
    }

    /**
     * Result of writing a status.
     *
     * @param stale true if the resource has changed meanwhile, so that this reconciliation must stop
     * @param again time until the rest of the status is to be written; empty if all is written
     */
    private record StatusWriteResult(boolean stale, Optional<Duration> again) {
        static final StatusWriteResult COMPLETE = new StatusWriteResult(false, Optional.empty());
    }

    private StatusWriteResult writeStatus(MoCoExperiment experiment, ReconcilePlan plan) {
        Optional<Duration> due = statusWriter.due(experiment, plan);
        if (due.isEmpty() || !due.get().isZero()) {
            return new StatusWriteResult(false, due);
        }
        return statusWriter.write(experiment, plan)
                ? StatusWriteResult.COMPLETE
                : new StatusWriteResult(true, Optional.of(RETRY));
    }

    private Reading read(MoCoExperiment experiment) {
        return ExperimentReader.read(experiment, config.dataRoot().map(Path::of));
    }

    private JobInformers informers() {
        if (informers == null) {
            throw new IllegalStateException("reconcile called before prepareEventSources");
        }
        return informers;
    }

    /** Requests missing observations from the store, and events of all Jobs with the plan's keys, of any owner. */
    private void observe(ResourceID id, ReconcileInput input, ReconcilePlan plan) {
        Optional<StoreAccess> access =
                StoreAccess.of(input.owner().namespace(), input.experiment(), input.policy(), config);
        if (access.isEmpty()) {
            release(id);
            return;
        }
        reservations.watch(
                id,
                new ExperimentJobs(input)
                        .claims(plan.decision().map(Decision::tasks).orElse(List.of()).stream()
                                .filter(task -> !task.state().terminal())
                                .map(PlannedTask::key)
                                .flatMap(Optional::stream)
                                .toList()));
        stores.request(id, input.owner().uid(), StoreRequest.of(plan, input, access.get()));
    }

    /** False while the report of a new resource, all of whose results existed already, is being written. */
    private static boolean writesStatus(ReconcileInput input, ReconcilePlan plan) {
        return !plan.report() || input.previous() != null;
    }

    /** Stops polling and drops reservations of an experiment. */
    private void release(ResourceID id) {
        stores.forget(id);
        reservations.drop(id);
        creator.drop(id);
        metrics.finished(id);
    }

    private void forget(ResourceID id) {
        release(id);
        statusWriter.forget(id);
    }
}
