package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.local.OperatorVariables;
import dev.moco.operator.jobs.StoreRules;
import dev.moco.operator.spec.Reading;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Store of an experiment, from objects that a user may read.
 *
 * @param location bucket and server
 * @param secret Secret with its credentials, in the experiment's namespace
 */
public record StoreOf(StoreLocation location, Optional<String> secret) {
    /** Store that the experiment itself names. */
    static Optional<StoreOf> spec(Reading reading) {
        return Optional.ofNullable(reading.experiment().store())
                .map(location -> new StoreOf(location, reading.policy().access().credentialsSecret()));
    }

    /** Store of the newest stage pod, which may be the operator's default. */
    static Optional<StoreOf> pods(List<Pod> pods) {
        return pods.stream().flatMap(pod -> pod(new PodAttempt(pod)).stream()).reduce((one, later) -> later);
    }

    private static Optional<StoreOf> pod(PodAttempt pod) {
        JsonNode store = pod.task().path("store");
        try {
            return store.isObject()
                    ? Optional.of(new StoreOf(
                            CanonicalJson.read(store.toString().getBytes(StandardCharsets.UTF_8), StoreLocation.class),
                            secret(pod.pod())))
                    : Optional.empty();
        } catch (UncheckedIOException e) {
            return Optional.empty(); // written by another version
        }
    }

    private static Optional<String> secret(Pod pod) {
        return pod.getSpec().getContainers().stream()
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getName().equals("AWS_ACCESS_KEY_ID"))
                .map(EnvVar::getValueFrom)
                .filter(from -> from != null && from.getSecretKeyRef() != null)
                .map(from -> from.getSecretKeyRef().getName())
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** Default store of the operator for a namespace, from the variables that it is started with. */
    static Optional<StoreOf> operator(Map<String, String> variables, String namespace) {
        String uri = variables.getOrDefault(OperatorVariables.STORE, "");
        if (uri.isEmpty()) {
            return Optional.empty();
        }
        String endpoint = variables.getOrDefault(OperatorVariables.STORE_ENDPOINT, "");
        String region = variables.getOrDefault(OperatorVariables.STORE_REGION, "");
        StoreLocation named = StoreLocation.of(OperatorVariables.STORE, uri);
        StoreLocation store = new StoreLocation(
                named.bucket(),
                named.prefix(),
                endpoint.isEmpty() ? null : endpoint,
                region.isEmpty() ? null : region,
                !endpoint.isEmpty(),
                true);
        Optional<String> secret = Optional.of(variables.getOrDefault(OperatorVariables.STORE_SECRET, ""))
                .filter(name -> !name.isEmpty());
        boolean shared = Boolean.parseBoolean(variables.get(OperatorVariables.SHARE_STORE));
        return new StoreRules(Optional.of(store), secret, shared, List.of(), List.of())
                .own(namespace)
                .map(location -> new StoreOf(location, secret));
    }

    /** {@code s3://bucket/prefix} of an experiment's artifacts, from its spec or the URI of its report. */
    static Optional<String> uri(ExperimentView experiment) {
        JsonNode storage = experiment.tree().path("spec").path("storage");
        String bucket = storage.path("bucket").asText("");
        if (!bucket.isEmpty()) {
            String prefix = storage.path("prefix").asText("");
            return Optional.of("s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix));
        }
        String report = experiment.status().path("reportUri").asText("");
        int reports = report.indexOf("/v1/experiments/");
        return reports < 0 ? Optional.empty() : Optional.of(report.substring(0, reports));
    }
}
