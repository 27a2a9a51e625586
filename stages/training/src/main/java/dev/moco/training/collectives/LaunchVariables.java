package dev.moco.training.collectives;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import java.time.Duration;
import java.util.Map;

/** Environment variables about the devices of a stage. */
public final class LaunchVariables {
    /** Number of devices, one process each; it must divide the number of ranks. Defaults to the GPUs, or 1 on the CPU. */
    public static final String DEVICES = StageTask.DEVICES_VARIABLE;
    /** Seconds without a sign of a process after which it is given up. */
    public static final String SILENCE = "MOCO_SILENCE_SECONDS";
    /** Seconds without any progress of any process after which the stage is given up. */
    public static final String STALL = "MOCO_STALL_SECONDS";

    /** Transport of the arrays that processes exchange: see {@link Transport}. Defaults to NCCL on GPUs, and to sockets on the CPU. */
    public static final String COLLECTIVES = "MOCO_COLLECTIVES";

    /** NCCL's own: lets several processes compute on one GPU, from its release 2.30 on; set to 1. */
    static final String SHARED_GPU = "NCCL_MULTI_RANK_GPU_ENABLE";

    /** Set by the launcher: number of the process, of all, of nodes, and the launcher's port, as in {@code 1/4/2@40123}. */
    static final String MEMBER = "MOCO_MEMBER";
    /** Set by the launcher: see {@link Credential}. */
    static final String SECRET = "MOCO_MEMBER_SECRET";

    private LaunchVariables() {}

    /** A positive number, or the default where the variable is not set. */
    static int number(Map<String, String> environment, String variable, int byDefault) {
        String text = environment.get(variable);
        if (text == null) {
            return byDefault;
        }
        if (!text.matches("[1-9][0-9]{0,5}")) {
            throw StageFailure.badConfig(variable + " must be a whole number from 1 to 999999, found \"" + text + "\"");
        }
        return Integer.parseInt(text);
    }

    static Duration seconds(Map<String, String> environment, String variable, Duration byDefault) {
        return Duration.ofSeconds(number(environment, variable, Math.toIntExact(byDefault.toSeconds())));
    }
}
