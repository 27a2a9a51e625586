package dev.moco.training.weights.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Architecture;
import dev.moco.contract.ExitCode;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class WeightsMainTest {
    private final PrintStream consoleOut = System.out;
    private final PrintStream consoleError = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream error = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(consoleOut);
        System.setErr(consoleError);
    }

    @Test
    void whatIsExportedIsImportedAgain() throws IOException {
        EncoderLayout layout = EncoderLayout.of(Architecture.RESNET18, Head.MLP, 128);
        Path encoder = folder.resolve(EncoderFile.NAME);
        EncoderFile.write(encoder, layout, EncoderWeights.initial(layout, 1));
        Path exported = folder.resolve("timm.pth");
        Path imported = folder.resolve("imported");

        assertThat(execute("export", encoder, "--to", "timm", "--head", "--out", exported))
                .isEqualTo(ExitCode.DONE);
        assertThat(execute("import", exported, "--out", imported)).isEqualTo(ExitCode.DONE);

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("""
                        %s: a PyTorch file, resnet18 with torchvision's names
                        head: fc.0.weight [512, 512], fc.2.weight [128, 512]
                        besides the encoder: arch
                        %s
                        """.formatted(exported, imported.resolve(EncoderFile.NAME)));
        assertThat(Files.mismatch(imported.resolve(EncoderFile.NAME), encoder)).isEqualTo(-1);
        assertThat(execute("import", exported, "--out", imported)).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(error.toString(StandardCharsets.UTF_8)).startsWith("moco: ").contains("is there already");
    }

    @Test
    void anotherArchitectureThanNamedIsBadData() throws IOException {
        EncoderLayout layout = EncoderLayout.backbone(Architecture.RESNET18);
        Path encoder = folder.resolve(EncoderFile.NAME);
        EncoderFile.write(encoder, layout, EncoderWeights.initial(layout, 1));

        assertThat(execute("import", encoder, "--arch", "resnet34")).isEqualTo(ExitCode.BAD_DATA);
        assertThat(error.toString(StandardCharsets.UTF_8))
                .startsWith("moco: " + encoder + " is no usable resnet34 with torchvision's names: ")
                .contains("layer1.2.conv1.weight is missing", " more")
                .hasLineCount(1);
    }

    @Test
    void unknownArchitecturesAndFormatsAreBadConfiguration() {
        assertThat(execute("import", "x.pth", "--arch", "vgg")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(execute("export", "x.pth", "--to", "onnx", "--out", "y")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(execute("import", folder.resolve("none.pth"))).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(error.toString(StandardCharsets.UTF_8))
                .contains("--arch: unknown architecture \"vgg\"", "'onnx'", "none.pth is not there");
    }

    private static int execute(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return WeightsMain.execute(texts);
    }
}
