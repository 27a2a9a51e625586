package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code moco weights} with the real program in its own process. */
class WeightsIT {
    private static final Path FILES = Path.of("../stages/training/src/test/resources/weights");

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "hostile/p01_global_os_system.pth, is refused (global)",
        "unusable_list.pth, 'its content must be a dict of tensors, or one with state_dict or model; found a list'",
        "resnet_zip.pth, 'is no usable resnet'"
    })
    void aFileIsRefusedInOneLine(String file, String message) throws Exception {
        MocoProcess.ProcessOutput output = weights("import", FILES.resolve(file).toString());

        assertThat(output.exitCode()).isEqualTo(ExitCode.BAD_DATA);
        // Java itself reports the variable with its options.
        assertThat(output.error().lines().filter(line -> !line.startsWith("Picked up")))
                .singleElement(InstanceOfAssertFactories.STRING)
                .startsWith("moco: ")
                .contains(message);
    }

    @Test
    void importHasHelp() throws Exception {
        MocoProcess.ProcessOutput output = weights("import", "--help");

        assertThat(output.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(output.out()).startsWith("Usage: moco weights import").contains("--arch", "--out");
    }

    private MocoProcess.ProcessOutput weights(String command, String argument)
            throws IOException, InterruptedException {
        Map<String, String> environment =
                Map.of("JAVA_TOOL_OPTIONS", "-Dmoco.home=" + Path.of("..").toRealPath());
        List<String> arguments = List.of("weights", command, argument);
        try (MocoProcess moco = MocoProcess.start(environment, arguments)) {
            return moco.ended();
        }
    }
}
