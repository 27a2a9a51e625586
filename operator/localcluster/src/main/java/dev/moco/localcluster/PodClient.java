package dev.moco.localcluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Requests of a node about one pod. They name its UID, so that a later pod of the same name is not changed. */
final class PodClient {
    private static final long TOKEN_SECONDS = 365L * 24 * 3600;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final ObjectMeta metadata;

    PodClient(KubernetesClient client, Pod pod) {
        this.client = client;
        this.metadata = pod.getMetadata();
    }

    /** Writes a status and keeps conditions that others set; returns false if the pod is gone. */
    boolean status(PodStatus status) {
        KubernetesSerialization json = client.getKubernetesSerialization();
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").put("uid", metadata.getUid());
        patch.set("status", json.convertValue(status, JsonNode.class));
        return reached(() -> client.pods()
                .inNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch.toString()));
    }

    /** Removes the pod at once; returns false if it is gone. */
    boolean delete() {
        String path = "/api/v1/namespaces/" + metadata.getNamespace() + "/pods/" + metadata.getName();
        return reached(() -> client.raw(
                path,
                "DELETE",
                new DeleteOptionsBuilder()
                        .withApiVersion("v1")
                        .withGracePeriodSeconds(0L)
                        .withNewPreconditions()
                        .withUid(metadata.getUid())
                        .endPreconditions()
                        .build()));
    }

    private static boolean reached(Runnable request) {
        try {
            request.run();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == NOT_FOUND || e.getCode() == CONFLICT) {
                return false;
            }
            throw e;
        }
    }

    /** A token of the pod's ServiceAccount, valid as long as the pod exists. */
    String token(String serviceAccount) {
        TokenRequest request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(TOKEN_SECONDS)
                .withNewBoundObjectRef()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .endBoundObjectRef()
                .endSpec()
                .build();
        return client.serviceAccounts()
                .inNamespace(metadata.getNamespace())
                .withName(serviceAccount)
                .tokenRequest(request)
                .getStatus()
                .getToken();
    }
}
