package dev.moco.operator.manifests;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks a pod against the restricted Pod Security Standard, and for a read-only root file system. */
public final class RestrictedPod {
    private RestrictedPod() {}

    /** Violations of a pod; empty if there are none. */
    public static List<String> problems(PodSpec pod) {
        List<String> problems = new ArrayList<>();
        if (yes(pod.getHostNetwork()) || yes(pod.getHostPID()) || yes(pod.getHostIPC())) {
            problems.add("shares a namespace of the host");
        }
        for (Volume volume : pod.getVolumes()) {
            if (Stream.of(
                            volume.getConfigMap(),
                            volume.getCsi(),
                            volume.getDownwardAPI(),
                            volume.getEmptyDir(),
                            volume.getEphemeral(),
                            volume.getPersistentVolumeClaim(),
                            volume.getProjected(),
                            volume.getSecret())
                    .allMatch(Objects::isNull)) {
                problems.add("volume " + volume.getName() + " is of a kind that is not allowed");
            }
        }
        PodSecurityContext own = Objects.requireNonNullElseGet(pod.getSecurityContext(), PodSecurityContext::new);
        Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
                .forEach(container -> check(container, own, problems));
        return problems;
    }

    private static void check(Container container, PodSecurityContext pod, List<String> problems) {
        String name = "container " + container.getName();
        SecurityContext own = Objects.requireNonNullElseGet(container.getSecurityContext(), SecurityContext::new);
        if (yes(own.getPrivileged())) {
            problems.add(name + " is privileged");
        }
        if (!Boolean.FALSE.equals(own.getAllowPrivilegeEscalation())) {
            problems.add(name + " may escalate privileges");
        }
        if (own.getCapabilities() == null
                || !own.getCapabilities().getDrop().contains("ALL")
                || !own.getCapabilities().getAdd().isEmpty()) {
            problems.add(name + " keeps capabilities");
        }
        if (!yes(own.getRunAsNonRoot() == null ? pod.getRunAsNonRoot() : own.getRunAsNonRoot())) {
            problems.add(name + " may run as root");
        }
        Long user = own.getRunAsUser() == null ? pod.getRunAsUser() : own.getRunAsUser();
        if (user == null || user == 0) {
            problems.add(name + " has no user other than root");
        }
        SeccompProfile seccomp = own.getSeccompProfile() == null ? pod.getSeccompProfile() : own.getSeccompProfile();
        if (seccomp == null || !"RuntimeDefault".equals(seccomp.getType())) {
            problems.add(name + " has no seccomp profile");
        }
        if (!yes(own.getReadOnlyRootFilesystem())) {
            problems.add(name + " may write to its root");
        }
        Stream.of(container.getLivenessProbe(), container.getReadinessProbe(), container.getStartupProbe())
                .filter(Objects::nonNull)
                .filter(probe ->
                        probe.getHttpGet() != null && probe.getHttpGet().getHost() != null)
                .forEach(probe -> problems.add(name + " has a probe that names a host"));
        for (ContainerPort port : container.getPorts()) {
            if (port.getHostPort() != null) {
                problems.add(name + " takes port " + port.getHostPort() + " of the host");
            }
        }
    }

    private static boolean yes(@Nullable Boolean flag) {
        return Boolean.TRUE.equals(flag);
    }
}
