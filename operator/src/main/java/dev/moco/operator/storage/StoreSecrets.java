package dev.moco.operator.storage;

import dev.moco.contract.StageFailure;
import dev.moco.operator.storage.StoreLogin.SecretName;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Reads the Secret that a store names; only the S3 client gets its contents. */
public final class StoreSecrets {
    private static final String ACCESS_KEY = "AWS_ACCESS_KEY_ID";
    private static final String SECRET_KEY = "AWS_SECRET_ACCESS_KEY";
    private static final String SESSION_TOKEN = "AWS_SESSION_TOKEN";

    private final KubernetesClient client;

    public StoreSecrets(KubernetesClient client) {
        this.client = client;
    }

    /**
     * The credentials of a Secret.
     *
     * @throws StageFailure bad configuration if it is missing, refused or incomplete; a fault if the cluster does not answer
     */
    AwsCredentialsProvider read(SecretName name) {
        Secret secret;
        try {
            secret = client.secrets()
                    .inNamespace(name.namespace())
                    .withName(name.name())
                    .get();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                throw StageFailure.badConfig(
                        "the operator may not read Secret " + name + ": add its name to resourceNames of the operator's"
                                + " role for Secrets, or name an existing one in spec.storage.credentialsSecret",
                        e);
            }
            throw StageFailure.fault("cannot read Secret " + name + ": " + e.getMessage(), e);
        }
        if (secret == null) {
            throw StageFailure.badConfig("Secret " + name
                    + " does not exist, although spec.storage.credentialsSecret or the operator's --store-secret names it;"
                    + " create it with " + ACCESS_KEY + " and " + SECRET_KEY + ", or correct the name");
        }
        String accessKey = required(secret, name, ACCESS_KEY);
        String secretKey = required(secret, name, SECRET_KEY);
        String session = value(secret, SESSION_TOKEN);
        return StaticCredentialsProvider.create(
                session == null
                        ? AwsBasicCredentials.create(accessKey, secretKey)
                        : AwsSessionCredentials.create(accessKey, secretKey, session));
    }

    private static String required(Secret secret, SecretName name, String key) {
        String value = value(secret, key);
        if (value == null) {
            throw StageFailure.badConfig("Secret " + name + " has no " + key + "; needed are " + ACCESS_KEY + " and "
                    + SECRET_KEY + ", and " + SESSION_TOKEN + " where they are temporary");
        }
        return value;
    }

    private static @Nullable String value(Secret secret, String key) {
        Map<String, String> data = secret.getData();
        String encoded = data == null ? null : data.get(key);
        return encoded == null || encoded.isEmpty()
                ? null
                : new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8).strip();
    }
}
