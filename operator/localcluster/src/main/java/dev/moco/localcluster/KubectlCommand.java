package dev.moco.localcluster;

import dev.moco.contract.local.Subcommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** {@code moco kubectl}: the kubectl that matches the cluster; every argument is its own. */
@Command(
        name = "kubectl",
        description = "kubectl, for the cluster of `moco cluster up` unless KUBECONFIG names another.",
        preprocessor = KubectlCommand.TakeAll.class)
public final class KubectlCommand implements Subcommand, Callable<Integer> {
    private final List<String> arguments = new ArrayList<>();

    /** Keeps picocli from reading what is kubectl's, such as {@code --}. */
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
        List<String> command = new ArrayList<>();
        command.add(new ClusterProgram(ClusterCommand.home()).build(System.err).toString());
        command.add("kubectl");
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        Path kubeconfig = new ClusterFolder(Path.of(ClusterFolder.DEFAULT)).kubeconfig();
        if (!System.getenv().containsKey("KUBECONFIG") && Files.exists(kubeconfig)) {
            builder.environment().put("KUBECONFIG", kubeconfig.toString());
        }
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "kubectl"));
        return process.waitFor();
    }
}
