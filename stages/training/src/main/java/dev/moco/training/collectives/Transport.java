package dev.moco.training.collectives;

import dev.moco.contract.StageFailure;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Means by which the processes of a stage exchange arrays. */
enum Transport {
    /** Connections on loopback. */
    SOCKETS,
    /** NCCL, with sums in the order of the ranks. */
    NCCL,
    /** NCCL, with sums in an order of its own, whose bits may differ. */
    NCCL_ALL_REDUCE;

    /**
     * Chooses what {@value LaunchVariables#COLLECTIVES} names, or else what fits the device.
     *
     * @throws StageFailure bad configuration for another name, or NCCL without a GPU
     */
    static Transport of(Map<String, String> environment, boolean gpu) {
        String named = environment.get(LaunchVariables.COLLECTIVES);
        if (named == null) {
            return gpu ? NCCL : SOCKETS;
        }
        Transport chosen = Arrays.stream(values())
                .filter(transport -> transport.text().equals(named))
                .findFirst()
                .orElseThrow(() -> StageFailure.badConfig(LaunchVariables.COLLECTIVES + " must be one of "
                        + Arrays.stream(values()).map(Transport::text).collect(Collectors.joining(", ")) + ", found \""
                        + named + "\""));
        if (chosen != SOCKETS && !gpu) {
            throw StageFailure.badConfig(
                    LaunchVariables.COLLECTIVES + " is " + named + ", and there is no GPU; sockets serve the CPU");
        }
        return chosen;
    }

    Collectives over(Collectives sockets, Map<String, String> environment) {
        return this == SOCKETS ? sockets : new NcclCollectives(sockets, environment, this == NCCL_ALL_REDUCE);
    }

    private String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
