package dev.moco.training.collectives;

import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Devices that a stage takes, one process each; they change nothing of its result.
 *
 * @param count number of processes
 * @param gpus values of {@code CUDA_VISIBLE_DEVICES}, one for each process; empty on the CPU
 */
public record Devices(int count, List<String> gpus) {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);
    private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

    public Devices {
        gpus = List.copyOf(gpus);
    }

    /**
     * Chooses the devices: as many as the stage takes of those that {@value LaunchVariables#DEVICES} says, else of the GPUs,
     * else one.
     *
     * @param seen number of GPUs that this process sees
     * @throws StageFailure bad configuration, if the chosen number does not divide the ranks of the stage, or there are fewer
     *     GPUs
     */
    public static Devices of(Map<String, String> environment, StageConfig config, int seen) {
        boolean chosen = environment.containsKey(LaunchVariables.DEVICES);
        int atHand = chosen ? LaunchVariables.number(environment, LaunchVariables.DEVICES, 1) : Math.max(1, seen);
        if (chosen) {
            config.requireDevices(atHand);
        }
        if (seen > 0 && atHand > seen && !mayShare(environment)) {
            throw StageFailure.badConfig(
                    LaunchVariables.DEVICES + " is " + atHand + ", and there are only " + seen + " GPUs");
        }
        int count = config.devices(atHand);
        if (count < atHand) {
            LOG.warn("{} of {} devices are used, which is all that this stage can take of them", count, atHand);
        }
        if (count > 1) {
            LOG.info("devices={} gpus={}", count, seen);
        }
        return new Devices(count, seen > 0 ? visible(environment, count, seen) : List.of());
    }

    /** Returns whether more processes than GPUs are wanted, which take turns on them: to measure, as NCCL allows it rarely. */
    public static boolean mayShare(Map<String, String> environment) {
        return "1".equals(environment.get(LaunchVariables.SHARED_GPU));
    }

    private static List<String> visible(Map<String, String> environment, int count, int seen) {
        String all = environment.get(VISIBLE);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int gpu = i % seen;
            names.add(all == null ? Integer.toString(gpu) : all.split(",", -1)[gpu].strip());
        }
        return names;
    }

    /** Variables that let a process see its device only. */
    Map<String, String> variables(int index) {
        return gpus.isEmpty() ? Map.of() : Map.of(VISIBLE, gpus.get(index));
    }
}
