package dev.moco.localcluster;

import dev.moco.contract.StageTask;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts the containers of a pod as processes. */
final class PodProcesses {
    private static final String TERMINATION_PATH = "/dev/termination-log";

    private final NodeContext node;
    private final Pod pod;
    private final PodClient client;
    private final Path folder;

    PodProcesses(NodeContext node, Pod pod, PodClient client) {
        this.node = node;
        this.pod = pod;
        this.client = client;
        folder = PodFolder.of(node, pod).root();
    }

    Pod pod() {
        return pod;
    }

    NodeExecutor executor() {
        return node.executor();
    }

    RunningContainer start(Container container, Path log, Path termination) throws IOException, ContainerNotStartable {
        PrivateFiles.folder(folder);
        Files.createDirectories(termination.getParent());
        return ProcessContainer.start(launch(container, log, termination), node.groups());
    }

    private ProcessContainer.Launch launch(Container container, Path log, Path termination)
            throws IOException, ContainerNotStartable {
        ConfigSources sources =
                new ConfigSources(node.client(), pod.getMetadata().getNamespace());
        PodVolumes volumes = new PodVolumes(pod, folder, node.cache(), sources);
        volumes.prepare();
        Map<String, Path> mounts = new LinkedHashMap<>(volumes.mounts(container));
        mounts.put(Optional.ofNullable(container.getTerminationMessagePath()).orElse(TERMINATION_PATH), termination);

        Map<String, String> own = new ContainerEnvironment(pod, sources).of(container);
        own.replaceAll((name, value) -> PodVolumes.replace(value, mounts));
        Images.Program program = node.images()
                .program(
                        container.getImage(),
                        expand(container.getCommand(), own, mounts),
                        expand(container.getArgs(), own, mounts),
                        PodVolumes.temporary(mounts));
        Map<String, String> environment = machine(mounts);
        environment.putAll(program.environment());
        environment.put(StageTask.TERMINATION_VARIABLE, termination.toString());
        if (!Boolean.FALSE.equals(pod.getSpec().getAutomountServiceAccountToken())) {
            environment.put("KUBECONFIG", kubeconfig().toString());
        }
        environment.putAll(own);
        Path working = Optional.ofNullable(container.getWorkingDir())
                .map(path -> Path.of(PodVolumes.replace(path, mounts)))
                .orElse(folder.resolve("work"));
        return new ProcessContainer.Launch(
                program.command(),
                environment,
                working,
                log,
                termination,
                "FallbackToLogsOnError".equals(container.getTerminationMessagePolicy()));
    }

    private static List<String> expand(List<String> words, Map<String, String> variables, Map<String, Path> mounts) {
        return words.stream()
                .map(word -> PodVolumes.replace(ContainerEnvironment.expand(word, variables), mounts))
                .toList();
    }

    /** Variables of every container. This process's own environment is not passed on, since it may hold secrets. */
    private Map<String, String> machine(Map<String, Path> mounts) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin"));
        environment.put("HOME", folder.toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("LANG", "C.UTF-8");
        environment.put("HOSTNAME", pod.getMetadata().getName());
        Path temporary = PodVolumes.temporary(mounts);
        if (temporary != null) {
            environment.put("TMPDIR", temporary.toString());
        }
        return environment;
    }

    /** Writes a kubeconfig with the rights of the pod's ServiceAccount. */
    private Path kubeconfig() throws IOException {
        Path file = folder.resolve("kubeconfig");
        String serviceAccount =
                Optional.ofNullable(pod.getSpec().getServiceAccountName()).orElse("default");
        String authority = authority(node.client().getConfiguration());
        String server = node.client().getMasterUrl().toString();
        new Kubeconfig(
                        server.replaceAll("/$", ""),
                        authority,
                        client.token(serviceAccount),
                        pod.getMetadata().getNamespace())
                .write(file);
        return file;
    }

    /** Authorities that a client trusts, as PEM; empty for the system's authorities. */
    static String authority(Config configuration) throws IOException {
        String data = configuration.getCaCertData();
        if (data != null) {
            return new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8);
        }
        String file = configuration.getCaCertFile();
        return file == null ? "" : Files.readString(Path.of(file));
    }
}
