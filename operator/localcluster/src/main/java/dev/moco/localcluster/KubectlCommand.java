package dev.moco.localcluster;

import dev.moco.contract.StageFailure;
import dev.moco.contract.local.Subcommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** {@code moco kubectl}: runs the kubectl of the local cluster's version with the given arguments. */
@Command(
        name = "kubectl",
        description = "kubectl for the cluster of KUBECONFIG, or by default of `moco cluster up`.",
        preprocessor = KubectlCommand.TakeAll.class)
public final class KubectlCommand implements Subcommand, Callable<Integer> {
    private static final String KUBECONFIG = "KUBECONFIG";

    private final ClusterProgram program;
    private final ClusterFolder folder;
    private final Path userHome;
    private final Map<String, String> environment;
    private final List<String> arguments = new ArrayList<>();

    /** A command that uses this process's environment. */
    public KubectlCommand() {
        this(
                new ClusterProgram(ClusterCommand.home()),
                new ClusterFolder(Path.of(ClusterFolder.DEFAULT)),
                Path.of(System.getProperty("user.home")),
                System.getenv());
    }

    KubectlCommand(ClusterProgram program, ClusterFolder folder, Path userHome, Map<String, String> environment) {
        this.program = program;
        this.folder = folder;
        this.userHome = userHome;
        this.environment = environment;
    }

    /** Keeps picocli from interpreting kubectl's arguments, such as {@code --}. */
    static final class TakeAll implements IParameterPreprocessor {
        @Override
        @SuppressWarnings("JdkObsolete") // picocli's signature
        public boolean preprocess(
                Stack<String> stack, CommandSpec command, ArgSpec argument, Map<String, Object> information) {
            KubectlCommand kubectl = (KubectlCommand) command.userObject();
            while (!stack.isEmpty()) {
                kubectl.arguments.add(stack.pop());
            }
            return true;
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Process process = process(arguments).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "kubectl"));
        return process.waitFor();
    }

    /**
     * The process to run.
     *
     * @throws StageFailure bad configuration, if no cluster is configured or kubectl is not built
     */
    ProcessBuilder process(List<String> kubectlArguments) throws IOException {
        boolean local = !clusterNamed(kubectlArguments) && localCluster();
        List<String> command = new ArrayList<>();
        command.add(program.built()
                .orElseThrow(() -> StageFailure.badConfig("kubectl is a part of the local cluster, which is not built"
                        + " yet; `moco cluster up` builds and starts it"))
                .toString());
        command.add("kubectl");
        command.addAll(kubectlArguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        if (local) {
            builder.environment().put(KUBECONFIG, folder.kubeconfig().toString());
        }
        return builder;
    }

    private boolean clusterNamed(List<String> kubectlArguments) {
        return !environment.getOrDefault(KUBECONFIG, "").isEmpty()
                || kubectlArguments.stream()
                        .takeWhile(argument -> !argument.equals("--"))
                        .anyMatch(argument -> Stream.of("--kubeconfig", "--server", "-s")
                                .anyMatch(option -> argument.equals(option) || argument.startsWith(option + "=")));
    }

    /** True if the local cluster is used, false if kubectl's default kubeconfig is. */
    private boolean localCluster() throws IOException {
        if (Files.exists(folder.kubeconfig())) {
            if (!new DetachedCluster(folder).up()) {
                throw StageFailure.badConfig(
                        "the cluster in " + folder.root() + " is down; `moco cluster up` starts it");
            }
            return true;
        }
        if (!Files.exists(userHome.resolve(".kube/config"))) {
            throw StageFailure.badConfig("no cluster: no KUBECONFIG, no ~/.kube/config, and none in " + folder.root()
                    + "; `moco cluster up` starts one");
        }
        return false;
    }
}
