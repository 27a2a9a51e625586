package dev.moco.localcluster;

import java.time.Instant;
import java.util.List;

/**
 * A request that the API server answered; a watch counts once, when it starts.
 *
 * @param time time of the answer
 * @param user name, such as {@code system:serviceaccount:moco-system:moco-operator}
 * @param verb of RBAC: get, list, watch, create, update, patch, delete, deletecollection
 * @param group API group; empty for the core
 * @param resource plural; empty for a path that is not a resource
 * @param subresource such as {@code status}; empty if there is none
 * @param namespace empty for the cluster
 * @param name empty for a list
 * @param code HTTP status, 403 if RBAC refused
 * @param agent the client's user agent
 * @param uri path and query
 */
public record AuditEvent(
        Instant time,
        String user,
        String verb,
        String group,
        String resource,
        String subresource,
        String namespace,
        String name,
        int code,
        String agent,
        String uri) {
    /** True if the request changes objects. */
    public boolean write() {
        return !List.of("get", "list", "watch").contains(verb);
    }
}
