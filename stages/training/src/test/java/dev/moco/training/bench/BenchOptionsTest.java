package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** The defaults stay the same, so that rates can be compared between versions and with the programs in peers/. */
class BenchOptionsTest {
    @ParameterizedTest(name = "{0}: {1} is {2}")
    @CsvSource({
        "step,      --arch,         RESNET50",
        "step,      --head,         MLP",
        "step,      --image-size,   224",
        "step,      --batch-size,   32",
        "step,      --ranks,        1",
        "step,      --queue-size,   65536",
        "step,      --dim,          128",
        "step,      --precision,    FLOAT32",
        "step,      --warmup,       2",
        "step,      --steps,        6",
        "step,      --data,         null",
        "step,      --output,       text",
        "input DIR, --images,       1000",
        "input DIR, --warmup,       500",
        "input DIR, --image-size,   224",
        "input DIR, --batch-size,   32",
        "input DIR, --mode,         HOST",
        "detect,    --arch,         RESNET50",
        "detect,    --batch-size,   2",
        "detect,    --height,       600",
        "detect,    --width,        800",
        "detect,    --boxes,        3",
        "detect,    --infer,        false",
        "detect,    --warmup,       1",
        "detect,    --steps,        4",
        "store,     --mib,          256",
        "store,     --object-mib,   32",
        "store,     --connections,  1",
        "store,     --rounds,       5",
        "augment,   --device,       CPU",
        "augment,   --image-size,   224",
        "augment,   --batch-size,   32",
        "nccl,      --arch,         RESNET50",
        "world,     --ranks,        8",
        "world,     --precision,    FLOAT32",
        "world,     --minutes,      60"
    })
    void optionsHaveTheirDefaults(String command, String option, String value) {
        assertThat(value(command, option)).isEqualTo(value);
    }

    @ParameterizedTest(name = "{0}: {1} is {2}")
    @CsvSource({
        "step --precision bfloat16,          --precision, BFLOAT16",
        "step --head FC,                     --head,      FC",
        "step --arch RESNET10W16,            --arch,      RESNET10W16",
        "step -o json,                       --output,    json",
        "-o json detect,                     --output,    json",
        "input DIR --mode color --workers 3, --workers,   3",
        "'world --parts steps,Files',         --parts,    '[STEPS, FILES]'"
    })
    void optionsAreParsed(String command, String option, String value) {
        assertThat(value(command, option)).isEqualTo(value);
    }

    private static String value(String command, String option) {
        ParseResult parsed = new CommandLine(new BenchMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs(command.split(" "));
        Object value = parsed.subcommand().commandSpec().findOption(option).getValue();
        return String.valueOf(value);
    }
}
