package dev.moco.operator.deployed;

import dev.moco.localcluster.AuditEvent;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Rights that roles grant, one for each verb of a resource.
 *
 * @param all in the order of the roles
 */
record Rights(List<Right> all) {
    /**
     * A verb of a resource.
     *
     * @param resource plural, with its subresource
     * @param names objects that the right is limited to; empty for all
     */
    record Right(String verb, String group, String resource, List<String> names) {
        boolean covers(AuditEvent request) {
            return verb.equals(request.verb())
                    && group.equals(request.group())
                    && resource.equals(resourceOf(request))
                    && (names.isEmpty() || names.contains(request.name()));
        }

        @Override
        public String toString() {
            return verb + " " + resource + (group.isEmpty() ? "" : "." + group) + (names.isEmpty() ? "" : " " + names);
        }
    }

    private static String resourceOf(AuditEvent request) {
        return request.resource() + (request.subresource().isEmpty() ? "" : "/" + request.subresource());
    }

    /** Reads the rights of every Role and ClusterRole in some manifests. */
    static Rights of(KubernetesClient client, List<Path> files) throws IOException {
        List<Right> all = new ArrayList<>();
        for (Path file : files) {
            try (InputStream manifest = Files.newInputStream(file)) {
                for (HasMetadata object : client.load(manifest).items()) {
                    if (object instanceof ClusterRole role) {
                        role.getRules().forEach(rule -> add(rule, all));
                    } else if (object instanceof Role role) {
                        role.getRules().forEach(rule -> add(rule, all));
                    }
                }
            }
        }
        return new Rights(all);
    }

    private static void add(PolicyRule rule, List<Right> all) {
        for (String group : rule.getApiGroups()) {
            for (String resource : rule.getResources()) {
                for (String verb : rule.getVerbs()) {
                    all.add(new Right(verb, group, resource, List.copyOf(rule.getResourceNames())));
                }
            }
        }
    }

    /** Rights that no successful request needed. */
    List<Right> unused(List<AuditEvent> requests) {
        return all.stream()
                .filter(right -> requests.stream().noneMatch(request -> request.code() < 400 && right.covers(request)))
                .toList();
    }

    /** Requests that were refused, or that none of these rights covers. */
    Set<String> beyond(List<AuditEvent> requests) {
        Set<String> beyond = new TreeSet<>();
        for (AuditEvent request : requests) {
            boolean everybody = request.resource().isEmpty() || request.group().equals("authorization.k8s.io");
            boolean covered = everybody || all.stream().anyMatch(right -> right.covers(request));
            if (!covered || request.code() == 401 || request.code() == 403) {
                beyond.add(request.code() + " " + request.verb() + " " + resourceOf(request) + "." + request.group()
                        + " " + request.namespace() + "/" + request.name());
            }
        }
        return beyond;
    }
}
