package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Secrets and ConfigMaps that the containers of a namespace refer to. */
final class ConfigSources {
    private final KubernetesClient client;
    private final String namespace;

    ConfigSources(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** Values of a Secret. */
    Map<String, String> secret(String name, @Nullable Boolean optional) throws ContainerNotStartable {
        Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
        if (secret == null) {
            return missing("secret \"" + name + "\" not found", optional);
        }
        Map<String, String> values = new LinkedHashMap<>();
        Optional.ofNullable(secret.getData())
                .orElse(Map.of())
                .forEach((key, value) ->
                        values.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        return values;
    }

    /** Values of a ConfigMap. */
    Map<String, String> configMap(String name, @Nullable Boolean optional) throws ContainerNotStartable {
        ConfigMap configMap =
                client.configMaps().inNamespace(namespace).withName(name).get();
        if (configMap == null) {
            return missing("configmap \"" + name + "\" not found", optional);
        }
        return Optional.ofNullable(configMap.getData()).orElse(Map.of());
    }

    /** One of the values; null if it is missing and optional. */
    @Nullable
    String value(Map<String, String> values, String key, String where, @Nullable Boolean optional)
            throws ContainerNotStartable {
        String value = values.get(key);
        if (value == null) {
            missing("couldn't find key " + key + " in " + where, optional);
        }
        return value;
    }

    private static Map<String, String> missing(String message, @Nullable Boolean optional)
            throws ContainerNotStartable {
        if (Boolean.TRUE.equals(optional)) {
            return Map.of();
        }
        throw new ContainerNotStartable("CreateContainerConfigError", message);
    }
}
