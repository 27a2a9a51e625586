package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Architecture;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepTimesTest {
    @TempDir
    Path folder;

    private static LinearConfig linear(int batchSize) {
        Optimizer optimizer = new Optimizer(30, 0.9, 0, Optimizer.Schedule.STEP, List.of());
        return new LinearConfig(Architecture.RESNET50, false, 0, 224, 100, batchSize, optimizer, Precision.FLOAT32, 0);
    }

    @Test
    void theNewestTimeIsKept() throws IOException {
        StepTimes times = new StepTimes(folder.resolve("new"));
        assertThat(times.seconds(linear(256), 2)).isEmpty();
        times.put(linear(256), 2, 10);
        times.put(linear(128), 2, 5);
        times.put(linear(256), 2, 9);
        StepTimes later = new StepTimes(folder.resolve("new"));
        assertThat(later.seconds(linear(256), 2)).hasValue(9);
        assertThat(later.seconds(linear(128), 2)).hasValue(5);
        assertThat(later.seconds(linear(256), 1)).isEmpty();
    }

    @Test
    void anInvalidFileIsIgnored() throws IOException {
        StepTimes times = new StepTimes(folder);
        times.put(linear(256), 2, 10);
        Path file;
        try (var files = Files.list(folder)) {
            file = files.findFirst().orElseThrow();
        }
        Files.writeString(file, Files.readString(file).substring(0, 20));
        assertThat(times.seconds(linear(256), 2)).isEmpty();
        times.put(linear(256), 2, 11);
        assertThat(times.seconds(linear(256), 2)).hasValue(11);
    }
}
