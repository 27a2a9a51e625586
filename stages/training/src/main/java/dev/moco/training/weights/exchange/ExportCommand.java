package dev.moco.training.weights.exchange;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moco weights export}: an encoder as a file of another program. */
@Command(name = "export", mixinStandardHelpOptions = true, description = "Writes an encoder for another program.")
final class ExportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "An encoder in any format that import reads.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path file;

    @Option(names = "--to", required = true, description = "One of ${COMPLETION-CANDIDATES}.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    EncoderExport.Target target;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "New file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path out;

    @Option(names = "--head", description = "Keep the head: the projection head of MoCo, or a classifier.")
    boolean head;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ArchitectureOption architecture;

    @Override
    public Integer call() throws IOException {
        ImportCommand.absent(out);
        EncoderState encoder = EncoderImport.read(file, architecture.allowed()).encoder();
        EncoderExport.write(out, head ? encoder : encoder.withoutHead(), target);
        return 0;
    }
}
