package dev.moco.training.collectives;

import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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

    /** Chooses the devices of a stage on one node. */
    public static Devices of(Map<String, String> environment, StageConfig config, int seen) {
        return of(environment, config, seen, 1);
    }

    /**
     * Chooses the devices: as many as the stage takes of those that {@value LaunchVariables#DEVICES} says, else of the GPUs,
     * else one.
     *
     * @param seen number of GPUs that this process sees
     * @param nodes number of nodes, each with as many devices
     * @throws StageFailure bad configuration, if the chosen number does not divide the ranks of the stage, or there are fewer
     *     GPUs
     */
    public static Devices of(Map<String, String> environment, StageConfig config, int seen, int nodes) {
        boolean chosen = environment.containsKey(LaunchVariables.DEVICES);
        int atHand = chosen ? LaunchVariables.number(environment, LaunchVariables.DEVICES, 1) : Math.max(1, seen);
        config.requireDevices(chosen ? atHand * nodes : nodes);
        if (seen > 0 && atHand > seen && !mayShare(environment)) {
            throw StageFailure.badConfig(
                    LaunchVariables.DEVICES + " is " + atHand + ", and there are only " + seen + " GPUs");
        }
        int count = IntStream.iterate(atHand, devices -> devices - 1)
                .filter(devices -> devices == 1 || config.devices(devices * nodes) == devices * nodes)
                .findFirst()
                .orElseThrow();
        if (count < atHand) {
            LOG.warn("{} of {} devices are used, which is all that this stage can take of them", count, atHand);
        }
        if (count * nodes > 1) {
            LOG.info("devices={} gpus={} nodes={}", count, seen, nodes);
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
