package dev.moco.operator.cli;

import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ScratchFolder;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.local.WorkFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** {@code moco bench}: passes every argument on to a process with the engine. */
@Command(
        name = "bench",
        description = "Measures this machine: step, input, detect, store; a GPU: augment, nccl; several GPUs: world."
                + " `moco bench --help` has the options.")
final class BenchCommand implements Callable<Integer> {
    private static final String MAIN = "dev.moco.training.bench.BenchMain";

    @Option(names = "--work", defaultValue = ".moco", hidden = true)
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path work;

    @Unmatched
    List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        WorkFolder folder = new WorkFolder(work);
        if (!embedsStore(arguments)) {
            return run(folder, arguments, Map.of());
        }
        // As in a run, the server is in this process and its client in the child process.
        try (ScratchFolder scratch = ScratchFolder.below(folder.root(), "bench-s3-");
                EmbeddedS3 server = EmbeddedS3.start(scratch.path())) {
            StoreLocation location = server.location();
            List<String> withStore = new ArrayList<>(arguments);
            withStore.addAll(List.of("--store", "s3://" + location.bucket(), "--endpoint", location.endpoint()));
            return run(folder, withStore, server.environment());
        }
    }

    /** True if the arguments need an embedded store. */
    static boolean embedsStore(List<String> arguments) {
        return arguments.contains("store")
                && arguments.stream()
                        .noneMatch(argument -> argument.equals("--store")
                                || argument.startsWith("--store=")
                                || List.of("-h", "--help", "-V", "--version").contains(argument));
    }

    private static int run(WorkFolder folder, List<String> arguments, Map<String, String> credentials)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("--work", folder.root().toString()));
        all.addAll(arguments);
        return EngineProgram.run(MAIN, all, credentials);
    }
}
