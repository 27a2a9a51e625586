package dev.moco.operator.client;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.NearestName;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.http.PingingHttpClientFactory;
import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Reads a cluster for a person; every failure is one line with advice. */
public final class ClusterClient implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final ResourceDefinitionContext KIND = new ResourceDefinitionContext.Builder()
            .withGroup(MoCoExperiment.GROUP)
            .withVersion(MoCoExperiment.VERSION)
            .withKind(MoCoExperiment.KIND)
            .withPlural(MoCoExperiment.PLURAL)
            .withNamespaced(true)
            .build();

    private final KubernetesClient client;
    private final String namespace;
    private final String place;

    private ClusterClient(KubernetesClient client, String namespace, String place) {
        this.client = client;
        this.namespace = namespace;
        this.place = place;
    }

    /**
     * Opens a client; no request is sent yet.
     *
     * @throws StageFailure bad configuration if none is configured
     */
    public static ClusterClient open(Target target) {
        if (LoggerFactory.getLogger("io.fabric8") instanceof Logger library) {
            library.setLevel(Level.OFF); // this class reports each failure in one line
        }
        Config config = ClusterConfig.of(target);
        String context = config.getCurrentContext() == null
                ? ""
                : " (context " + config.getCurrentContext().getName() + ")";
        return new ClusterClient(
                new KubernetesClientBuilder()
                        .withConfig(config)
                        .withHttpClientFactory(new PingingHttpClientFactory())
                        .build(),
                ClusterConfig.namespace(target, config),
                "the cluster at " + config.getMasterUrl().replaceAll("/$", "") + context);
    }

    /** True if a cluster is configured, whether it answers or not. */
    public static boolean isConfigured(Target target) {
        return ClusterConfig.isConfigured(target);
    }

    public String namespace() {
        return namespace;
    }

    /** Address and context of the cluster, for messages. */
    public String place() {
        return place;
    }

    /**
     * One experiment.
     *
     * @throws StageFailure bad configuration if there is none of that name, with the nearest
     */
    public ExperimentView experiment(String name) {
        return find(name).orElseThrow(() -> {
            List<String> names =
                    experiments(false, null).stream().map(ExperimentView::name).toList();
            return StageFailure.badConfig("no experiment \"" + name + "\" in namespace " + namespace
                    + (names.isEmpty()
                            ? ", which has none; -n names another"
                            : "; nearest is \"" + NearestName.of(name, names) + "\", `moco status` lists all"));
        });
    }

    /** One experiment; empty if it does not exist. */
    public Optional<ExperimentView> find(String name) {
        return ask(
                "get experiments",
                () -> Optional.ofNullable(resources()
                                .inNamespace(namespace)
                                .withName(name)
                                .get())
                        .map(ClusterClient::view));
    }

    /**
     * Experiments.
     *
     * @param everywhere true lists all namespaces
     * @param selector label selector; null lists all
     */
    public List<ExperimentView> experiments(boolean everywhere, @Nullable String selector) {
        return ask(
                "list experiments",
                () -> listed(everywhere, selector).list().getItems().stream()
                        .map(ClusterClient::view)
                        .toList());
    }

    /** Watches one experiment. */
    public ExperimentWatch watch(String name, Runnable onChange) {
        return startWatch(resources().inNamespace(namespace).withName(name), onChange);
    }

    /** Watches the experiments that {@link #experiments} lists. */
    public ExperimentWatch watch(boolean everywhere, @Nullable String selector, Runnable onChange) {
        return startWatch(listed(everywhere, selector), onChange);
    }

    private ExperimentWatch startWatch(Informable<GenericKubernetesResource> resources, Runnable onChange) {
        return new ExperimentWatch(resources.runnableInformer(0), ClusterClient::view, onChange);
    }

    /** Pods of a Job, {@code name} or {@code namespace/name}. */
    List<Pod> podsOfJob(String job) {
        int slash = job.indexOf('/');
        return ask(
                "list pods",
                () -> client.pods()
                        .inNamespace(slash < 0 ? namespace : job.substring(0, slash))
                        .withLabel(JobLabels.JOB_NAME, job.substring(slash + 1))
                        .list()
                        .getItems());
    }

    /** Pods of an experiment. */
    List<Pod> podsOfExperiment(String name) {
        return ask(
                "list pods",
                () -> client.pods()
                        .inNamespace(namespace)
                        .withLabel(JobLabels.EXPERIMENT, name)
                        .list()
                        .getItems());
    }

    /** Log of a pod's stage. */
    PodLog log(PodAttempt pod) {
        return new PodLog(client, pod.pod().getMetadata().getNamespace(), pod.name(), place);
    }

    /** Values of a Secret; empty if it does not exist or this user may not read it. */
    Optional<Map<String, String>> secret(String name) {
        return readable(
                "get the Secret " + name,
                () -> Optional.ofNullable(client.secrets()
                                .inNamespace(namespace)
                                .withName(name)
                                .get())
                        .map(Secret::getData));
    }

    /** Values of a ConfigMap; empty if it does not exist or this user may not read it. */
    Optional<Map<String, String>> configMap(String where, String name) {
        return readable(
                "get the ConfigMap " + name,
                () -> Optional.ofNullable(client.configMaps()
                                .inNamespace(where)
                                .withName(name)
                                .get())
                        .map(ConfigMap::getData));
    }

    private <T> Optional<T> readable(String action, Supplier<Optional<T>> question) {
        try {
            return question.get();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                return Optional.empty();
            }
            throw ClusterErrors.of(e, place, action);
        }
    }

    private FilterWatchListDeletable<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            listed(boolean everywhere, @Nullable String selector) {
        var scope = everywhere ? resources().inAnyNamespace() : resources().inNamespace(namespace);
        return selector == null ? scope : scope.withLabelSelector(selector);
    }

    private MixedOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            resources() {
        return client.genericKubernetesResources(KIND);
    }

    private <T> T ask(String action, Supplier<T> question) {
        try {
            return question.get();
        } catch (KubernetesClientException e) {
            throw ClusterErrors.of(e, place, action);
        }
    }

    private static ExperimentView view(GenericKubernetesResource resource) {
        return new ExperimentView(JSON.<JsonNode>valueToTree(resource));
    }

    @Override
    public void close() {
        client.close();
    }
}
