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
     * @param deterministic whether sums must be the same at every run
     * @throws StageFailure bad configuration for another name, NCCL without a GPU, or sums in an order of its own where they
     *     must be the same
     */
    static Transport of(Map<String, String> environment, boolean gpu, boolean deterministic) {
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
        if (chosen == NCCL_ALL_REDUCE && deterministic) {
            throw StageFailure.badConfig(LaunchVariables.COLLECTIVES + " is " + named
                    + ", whose sums may differ from run to run, and the stage is deterministic; unset it");
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
