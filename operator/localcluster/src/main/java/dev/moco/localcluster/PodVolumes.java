package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A pod's volumes as folders of this machine. Nothing is mounted: paths of mounts in a container's arguments and
 * variables are replaced by the folders' paths.
 */
final class PodVolumes {
    /** Shared by all pods of a node, since an engine's unpacked libraries are large. */
    private static final String SHARED = "/var/cache/moco";
    /** Not replaced in texts, since other files of this machine may be below the same path. */
    static final String TEMPORARY = "/tmp";

    private static final String SHARED_MEMORY = "/dev/shm";

    private final Pod pod;
    private final Path folder;
    private final Path shared;
    private final ConfigSources sources;
    private final Map<String, Path> folders = new LinkedHashMap<>();

    /**
     * Volumes of a pod.
     *
     * @param folder of the pod
     * @param shared cache of the node
     */
    PodVolumes(Pod pod, Path folder, Path shared, ConfigSources sources) {
        this.pod = pod;
        this.folder = folder;
        this.shared = shared;
        this.sources = sources;
    }

    /** Creates the folders and their files. */
    void prepare() throws IOException, ContainerNotStartable {
        for (Volume volume : pod.getSpec().getVolumes()) {
            Path place = folder.resolve("volumes").resolve(volume.getName());
            if (volume.getEmptyDir() != null) {
                Files.createDirectories(place);
            } else if (volume.getHostPath() != null) {
                place = Path.of(volume.getHostPath().getPath());
            } else if (volume.getSecret() != null) {
                write(
                        place,
                        sources.secret(
                                volume.getSecret().getSecretName(),
                                volume.getSecret().getOptional()),
                        volume.getSecret().getItems());
            } else if (volume.getConfigMap() != null) {
                write(
                        place,
                        sources.configMap(
                                volume.getConfigMap().getName(),
                                volume.getConfigMap().getOptional()),
                        volume.getConfigMap().getItems());
            } else if (volume.getProjected() == null) {
                // Projected volumes hold the ServiceAccount's token, which a pod gets as a kubeconfig.
                throw new ContainerNotStartable(
                        "ContainerCreating",
                        "volume " + volume.getName()
                                + " has a type that a process node does not support; it supports emptyDir, hostPath, secret, configMap");
            }
            folders.put(volume.getName(), place);
        }
    }

    private static void write(Path place, Map<String, String> values, List<KeyToPath> items) throws IOException {
        PrivateFiles.folder(place);
        if (items.isEmpty()) {
            for (Map.Entry<String, String> value : values.entrySet()) {
                PrivateFiles.write(place.resolve(value.getKey()), value.getValue());
            }
        }
        for (KeyToPath item : items) {
            String value = values.get(item.getKey());
            if (value != null) {
                Path file = place.resolve(item.getPath());
                Files.createDirectories(file.getParent());
                PrivateFiles.write(file, value);
            }
        }
    }

    /** Paths of a container's mounts on this machine, by their paths in its specification. */
    Map<String, Path> mounts(Container container) {
        Map<String, Path> mounts = new LinkedHashMap<>();
        for (VolumeMount mount : container.getVolumeMounts()) {
            Path place = folders.get(mount.getName());
            if (place == null || mount.getMountPath().equals(SHARED_MEMORY)) {
                continue;
            }
            String within = Optional.ofNullable(mount.getSubPath()).orElse("");
            mounts.put(mount.getMountPath(), mount.getMountPath().equals(SHARED) ? shared : place.resolve(within));
        }
        return mounts;
    }

    /** Replaces the paths of mounts in a text by their folders, except {@value #TEMPORARY}. */
    static String replace(String text, Map<String, Path> mounts) {
        String replaced = text;
        for (Map.Entry<String, Path> mount : mounts.entrySet()) {
            if (!mount.getKey().equals(TEMPORARY)) {
                replaced = path(mount.getKey())
                        .matcher(replaced)
                        .replaceAll(Matcher.quoteReplacement(mount.getValue().toString()));
            }
        }
        return replaced;
    }

    private static Pattern path(String mount) {
        return Pattern.compile("(?<![\\w./-])" + Pattern.quote(mount) + "(?![\\w.-])");
    }

    /** The folder that stands for the container's {@value #TEMPORARY}. */
    static @Nullable Path temporary(Map<String, Path> mounts) {
        return mounts.get(TEMPORARY);
    }
}
