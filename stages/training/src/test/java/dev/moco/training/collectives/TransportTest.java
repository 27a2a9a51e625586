package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransportTest {
    @ParameterizedTest
    @CsvSource({
        ", false, SOCKETS",
        ", true, NCCL",
        "sockets, true, SOCKETS",
        "sockets, false, SOCKETS",
        "nccl, true, NCCL",
        "nccl-all-reduce, true, NCCL_ALL_REDUCE"
    })
    void theVariableOrTheDeviceChooses(String named, boolean gpu, Transport expected) {
        Map<String, String> environment = named == null ? Map.of() : Map.of("MOCO_COLLECTIVES", named);
        assertThat(Transport.of(environment, gpu, false)).isEqualTo(expected);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> Transport.of(Map.of("MOCO_COLLECTIVES", "gloo"), true, false))
                .hasMessage("MOCO_COLLECTIVES must be one of sockets, nccl, nccl-all-reduce, found \"gloo\"");
        assertThatThrownBy(() -> Transport.of(Map.of("MOCO_COLLECTIVES", "nccl"), false, false))
                .hasMessage("MOCO_COLLECTIVES is nccl, and there is no GPU; sockets serve the CPU");
        assertThatThrownBy(() -> Transport.of(Map.of("MOCO_COLLECTIVES", "nccl-all-reduce"), true, true))
                .hasMessage(
                        "MOCO_COLLECTIVES is nccl-all-reduce, whose sums may differ from run to run, and the stage is"
                                + " deterministic; unset it");
        assertThat(Transport.of(Map.of("MOCO_COLLECTIVES", "nccl"), true, true)).isEqualTo(Transport.NCCL);
    }
}
