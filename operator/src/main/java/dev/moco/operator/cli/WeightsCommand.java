package dev.moco.operator.cli;

import dev.moco.contract.local.Program;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code moco weights}: encoders of other programs, and encoders for them. */
@Command(
        name = "weights",
        mixinStandardHelpOptions = true,
        description =
                "Reads encoders of PyTorch, timm, detectron2, safetensors and NumPy, and writes encoders for them.",
        subcommands = {WeightsExportCommand.class, WeightsCommand.Import.class})
final class WeightsCommand implements Runnable {
    /** Program of the training module with the same commands; files of others are read in its process alone. */
    static final String MAIN = "dev.moco.training.weights.exchange.WeightsMain";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public void run() {
        throw Program.noCommand(spec);
    }

    /** Passes every argument on. */
    @Command(
            name = "import",
            description = "Checks an encoder of another program, and writes it as pre-training commits its own."
                    + " `moco weights import --help` has the options.")
    static final class Import implements Callable<Integer> {
        @Unmatched
        List<String> arguments = new ArrayList<>();

        @Override
        public Integer call() throws IOException, InterruptedException {
            List<String> all = new ArrayList<>(List.of("import"));
            all.addAll(arguments);
            return EngineProgram.run(MAIN, all, Map.of());
        }
    }
}
