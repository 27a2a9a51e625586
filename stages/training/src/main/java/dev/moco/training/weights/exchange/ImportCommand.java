package dev.moco.training.weights.exchange;

import dev.moco.contract.StageFailure;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moco weights import}: an encoder of another program as the file that pre-training commits. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Reads an encoder from a file of PyTorch, timm, detectron2, safetensors or NumPy, checks every tensor, and"
                    + " writes " + EncoderFile.NAME + ".",
            "Nothing in the file is executed. Of a MoCo checkpoint that is the query encoder; with its key encoder and queue"
                    + " " + ImportCommand.MOCO + " is written too."
        })
final class ImportCommand implements Callable<Integer> {
    static final String MOCO = "moco.safetensors";
    private static final int SHOWN = 5;

    @Parameters(paramLabel = "FILE", description = "A .pth, .pth.tar, .pkl, .safetensors or .npz file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path file;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ArchitectureOption architecture;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "New files go there. Without it nothing is written: the file is only checked.")
    @Nullable
    Path out;

    @Override
    public Integer call() throws IOException {
        ImportedEncoder imported = EncoderImport.read(file, architecture.allowed());
        print(imported, System.out);
        if (out != null) {
            Files.createDirectories(out);
            Path encoder = absent(out.resolve(EncoderFile.NAME));
            Path moco = absent(out.resolve(MOCO));
            EncoderExport.writeOurs(encoder, imported.encoder());
            System.out.println(encoder);
            if (imported.isMoco()) {
                EncoderExport.writeMoco(moco, imported);
                System.out.println(moco);
            }
        }
        return 0;
    }

    /** Refuses to replace a file. */
    static Path absent(Path file) {
        if (Files.exists(file)) {
            throw StageFailure.badConfig(file + " is there already; remove it, or choose another name with --out");
        }
        return file;
    }

    private void print(ImportedEncoder imported, PrintStream to) {
        EncoderState encoder = imported.encoder();
        to.println(file + ": " + imported.description());
        to.println("head: " + head(encoder));
        imported.queue()
                .ifPresent(queue -> to.println("queue: " + queue.shape().get(0) + " x "
                        + queue.shape().get(1)
                        + (imported.pointer().isPresent()
                                ? ", next key at " + imported.pointer().getAsInt()
                                : "")));
        if (imported.keyEncoder().isPresent()) {
            to.println("key encoder: yes");
        }
        List<String> besides = imported.besides();
        if (!besides.isEmpty()) {
            to.println("besides the encoder: "
                    + RefusedException.oneLine(besides.stream().limit(SHOWN).collect(Collectors.joining(", ")))
                    + (besides.size() > SHOWN ? " and " + (besides.size() - SHOWN) + " more" : ""));
        }
    }

    private static String head(EncoderState encoder) {
        return encoder.headTensors().entrySet().stream()
                .filter(tensor -> tensor.getKey().endsWith(".weight"))
                .map(tensor -> tensor.getKey() + " " + tensor.getValue().shape())
                .collect(
                        Collectors.collectingAndThen(Collectors.joining(", "), text -> text.isEmpty() ? "none" : text));
    }
}
