package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalMachineTest {
    private static final Map<String, String> CUDA = Map.of("PYTORCH_FLAVOR", "cu128");
    private static final LocalGpus TWO = LocalGpus.of(CUDA, "81559\n 40960 \n");

    @ParameterizedTest
    @CsvSource(
            value = {"'81559\n81559\n'; 2; 81559", "' 24564 \n'; 1; 24564", "'[N/A]\n'; 0; 0", "''; 0; 0"},
            delimiter = ';')
    void theSmallestGpuCounts(String output, int count, long mib) {
        LocalGpus gpus = LocalGpus.of(CUDA, output);
        assertThat(gpus.names()).hasSize(count);
        assertThat(gpus.memoryMib()).isEqualTo(mib);
        assertThat(gpus.used()).isEqualTo(count);
        assertThat(LocalGpus.of(Map.of(), output).used()).isZero();
    }

    @Test
    void gpusHaveTheNamesThatTheUserMadeVisible() {
        assertThat(TWO.names()).containsExactly("0", "1");
        assertThat(LocalGpus.of(Map.of("CUDA_VISIBLE_DEVICES", "5, GPU-ab"), "8\n8\n")
                        .names())
                .containsExactly("5", "GPU-ab");
        assertThat(LocalGpus.of(Map.of("CUDA_VISIBLE_DEVICES", ""))).isEqualTo(LocalGpus.of(Map.of(), ""));
    }

    @Test
    void theFirstLineOfARunSaysWhatItUses() {
        assertThat(TWO.described()).isEqualTo("2 GPUs of 40 GiB");
        assertThat(LocalGpus.of(Map.of(), "81559\n").described())
                .isEqualTo(
                        "the CPU, though there is 1 GPU: the engine is for the CPU. docs/commands.md, \"GPUs\", has the"
                                + " three variables of one for CUDA");
        assertThat(LocalGpus.of(Map.of(), "").described()).isEqualTo("the CPU");
        assertThat(LocalGpus.of(CUDA, "").described()).contains("nvidia-smi lists no GPU");
        assertThat(new LocalMachine(TWO, new Capacity(16, 64_000, 2, 40_960, OptionalInt.of(1))).described())
                .isEqualTo("on 2 GPUs of 40 GiB, 16 cores, 62 GiB of memory, 1 processes a stage at most");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65})
    void aNumberOfDevicesHasBounds(int devices) {
        assertThatThrownBy(() -> Capacity.ofThisMachine(TWO, OptionalInt.of(devices)))
                .hasMessage("--devices must be a whole number from 1 to 64, found " + devices);
    }

    @Test
    void moreDevicesThanGpusAreRefused() {
        assertThatThrownBy(() -> Capacity.ofThisMachine(TWO, OptionalInt.of(4)))
                .hasMessage("--devices must be at most the number of GPUs (2), found 4");
        assertThat(Capacity.ofThisMachine(LocalGpus.of(Map.of(), "8\n"), OptionalInt.of(4))
                        .gpus())
                .isZero();
    }
}
