package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.ConfigMapKeySelector;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Environment variables of a container, with the values of the Secrets, ConfigMaps and fields that they refer to. */
final class ContainerEnvironment {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\$|\\$\\(([A-Za-z0-9_.-]+)\\)");
    private static final Pattern MAP_FIELD = Pattern.compile("metadata\\.(labels|annotations)\\['(.+)']");
    private static final String LOOPBACK = "127.0.0.1";

    private final Pod pod;
    private final ConfigSources sources;

    ContainerEnvironment(Pod pod, ConfigSources sources) {
        this.pod = pod;
        this.sources = sources;
    }

    /** Variables in the order of the specification. */
    Map<String, String> of(Container container) throws ContainerNotStartable {
        Map<String, String> variables = new LinkedHashMap<>();
        for (EnvFromSource from : container.getEnvFrom()) {
            String prefix = Optional.ofNullable(from.getPrefix()).orElse("");
            if (from.getSecretRef() != null) {
                sources.secret(
                                from.getSecretRef().getName(),
                                from.getSecretRef().getOptional())
                        .forEach((name, value) -> variables.put(prefix + name, value));
            }
            if (from.getConfigMapRef() != null) {
                sources.configMap(
                                from.getConfigMapRef().getName(),
                                from.getConfigMapRef().getOptional())
                        .forEach((name, value) -> variables.put(prefix + name, value));
            }
        }
        for (EnvVar variable : container.getEnv()) {
            String value = variable.getValueFrom() == null
                    ? expand(Optional.ofNullable(variable.getValue()).orElse(""), variables)
                    : valueFrom(variable.getValueFrom(), container);
            if (value != null) {
                variables.put(variable.getName(), value);
            }
        }
        return variables;
    }

    /** Replaces {@code $(NAME)} by the variable's value and {@code $$} by a dollar; an unknown variable stays as it is. */
    static String expand(String text, Map<String, String> variables) {
        return REFERENCE.matcher(text).replaceAll(match -> Matcher.quoteReplacement(replacement(match, variables)));
    }

    private static String replacement(MatchResult match, Map<String, String> variables) {
        return match.group(1) == null ? "$" : variables.getOrDefault(match.group(1), match.group());
    }

    private @Nullable String valueFrom(EnvVarSource source, Container container) throws ContainerNotStartable {
        SecretKeySelector secret = source.getSecretKeyRef();
        if (secret != null) {
            Map<String, String> values = sources.secret(secret.getName(), secret.getOptional());
            return sources.value(
                    values, secret.getKey(), "Secret " + namespace() + "/" + secret.getName(), secret.getOptional());
        }
        ConfigMapKeySelector configMap = source.getConfigMapKeyRef();
        if (configMap != null) {
            Map<String, String> values = sources.configMap(configMap.getName(), configMap.getOptional());
            return sources.value(
                    values,
                    configMap.getKey(),
                    "ConfigMap " + namespace() + "/" + configMap.getName(),
                    configMap.getOptional());
        }
        if (source.getFieldRef() != null) {
            return field(source.getFieldRef().getFieldPath());
        }
        if (source.getResourceFieldRef() != null) {
            return resource(source.getResourceFieldRef(), container);
        }
        throw new ContainerNotStartable(
                "CreateContainerConfigError", "the source of an environment variable is not supported by this node");
    }

    private String namespace() {
        return pod.getMetadata().getNamespace();
    }

    private String field(String path) throws ContainerNotStartable {
        Matcher map = MAP_FIELD.matcher(path);
        if (map.matches()) {
            Map<String, String> values = map.group(1).equals("labels")
                    ? pod.getMetadata().getLabels()
                    : pod.getMetadata().getAnnotations();
            return Optional.ofNullable(values).orElse(Map.of()).getOrDefault(map.group(2), "");
        }
        return switch (path) {
            case "metadata.name" -> pod.getMetadata().getName();
            case "metadata.namespace" -> namespace();
            case "metadata.uid" -> pod.getMetadata().getUid();
            case "spec.nodeName" -> pod.getSpec().getNodeName();
            case "spec.serviceAccountName" -> pod.getSpec().getServiceAccountName();
            case "status.podIP", "status.podIPs", "status.hostIP", "status.hostIPs" -> LOOPBACK;
            default -> throw new ContainerNotStartable("CreateContainerConfigError", "unsupported fieldPath: " + path);
        };
    }

    private static String resource(ResourceFieldSelector selector, Container container) throws ContainerNotStartable {
        String[] path = selector.getResource().split("\\.", 2);
        Map<String, Quantity> quantities = Optional.ofNullable(container.getResources())
                .map(resources -> path[0].equals("limits") ? resources.getLimits() : resources.getRequests())
                .orElse(Map.of());
        Quantity quantity = quantities.get(path[path.length - 1]);
        if (quantity == null) {
            throw new ContainerNotStartable(
                    "CreateContainerConfigError",
                    "the container has no " + selector.getResource() + ", which a resourceFieldRef names");
        }
        // The API server sets zero where none is given, which means one.
        BigDecimal divisor = Optional.ofNullable(selector.getDivisor())
                .map(Quantity::getNumericalAmount)
                .filter(amount -> amount.signum() > 0)
                .orElse(BigDecimal.ONE);
        return quantity.getNumericalAmount()
                .divide(divisor, 0, RoundingMode.CEILING)
                .toPlainString();
    }
}
