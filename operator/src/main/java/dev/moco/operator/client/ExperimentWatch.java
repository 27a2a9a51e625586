package dev.moco.operator.client;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.function.Function;

/** Watch of experiments: the newest state of each, across lost connections. */
public final class ExperimentWatch implements AutoCloseable {
    private final SharedIndexInformer<GenericKubernetesResource> informer;
    private final Function<GenericKubernetesResource, ExperimentView> view;

    ExperimentWatch(
            SharedIndexInformer<GenericKubernetesResource> informer,
            Function<GenericKubernetesResource, ExperimentView> view,
            Runnable onChange) {
        this.informer = informer;
        this.view = view;
        informer.exceptionHandler((started, error) -> true) // the server will be back, or the user presses Ctrl-C
                .addEventHandler(new Notify(onChange))
                .start();
    }

    /** True once the first list has arrived. */
    public boolean known() {
        return informer.hasSynced();
    }

    /** True while the watch is connected. */
    public boolean connected() {
        return informer.isWatching();
    }

    public List<ExperimentView> experiments() {
        return informer.getStore().list().stream().map(view).toList();
    }

    @Override
    public void close() {
        informer.stop();
    }

    private record Notify(Runnable onChange) implements ResourceEventHandler<GenericKubernetesResource> {
        @Override
        public void onNothing() {
            onChange.run();
        }

        @Override
        public void onAdd(GenericKubernetesResource added) {
            onChange.run();
        }

        @Override
        public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource after) {
            onChange.run();
        }

        @Override
        public void onDelete(GenericKubernetesResource deleted, boolean unseen) {
            onChange.run();
        }
    }
}
