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

/** Starts the containers of a pod as its specification says. */
final class PodProcesses {
    private static final String TERMINATION_PATH = "/dev/termination-log";

    private final PodHost host;
    private final Pod pod;
    private final PodWriter writer;
    private final Path folder;

    PodProcesses(PodHost host, Pod pod, PodWriter writer) {
        this.host = host;
        this.pod = pod;
        this.writer = writer;
        folder = PodFolder.of(host, pod).root();
    }

    RunningContainer start(Container container, Path log, Path termination) throws IOException, ContainerNotStartable {
        for (FakeContainer.Fake fake : host.fakes()) {
            if (fake.which().test(pod)) {
                return new FakeContainer(pod, fake, host.executor());
            }
        }
        PrivateFiles.folder(folder);
        Files.createDirectories(termination.getParent());
        return LocalContainer.start(launch(container, log, termination), host.guard());
    }

    private LocalContainer.Launch launch(Container container, Path log, Path termination)
            throws IOException, ContainerNotStartable {
        ClusterObjects objects =
                new ClusterObjects(host.client(), pod.getMetadata().getNamespace());
        PodVolumes volumes = new PodVolumes(pod, folder, host.cache(), objects);
        volumes.prepare();
        Map<String, Path> mounts = new LinkedHashMap<>(volumes.mounts(container));
        mounts.put(Optional.ofNullable(container.getTerminationMessagePath()).orElse(TERMINATION_PATH), termination);

        Map<String, String> own = new ContainerEnvironment(pod, objects).of(container);
        own.replaceAll((name, value) -> PodVolumes.replace(value, mounts));
        Images.Program program = host.images()
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
        return new LocalContainer.Launch(
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

    /** What a program needs of a machine; not this process's environment, which may hold secrets. */
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

    /** Lets the pod in as its ServiceAccount. */
    private Path kubeconfig() throws IOException {
        Path file = folder.resolve("kubeconfig");
        String serviceAccount =
                Optional.ofNullable(pod.getSpec().getServiceAccountName()).orElse("default");
        String authority = authority(host.client().getConfiguration());
        String server = host.client().getMasterUrl().toString();
        new Kubeconfig(
                        server.replaceAll("/$", ""),
                        authority,
                        writer.token(serviceAccount),
                        pod.getMetadata().getNamespace())
                .write(file);
        return file;
    }

    /** What a client trusts, as PEM; empty for what the system does. */
    static String authority(Config configuration) throws IOException {
        String data = configuration.getCaCertData();
        if (data != null) {
            return new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8);
        }
        String file = configuration.getCaCertFile();
        return file == null ? "" : Files.readString(Path.of(file));
    }
}
