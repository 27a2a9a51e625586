package dev.moco.training.collectives;

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

    /**
     * Chooses the devices: as many as {@value LaunchVariables#DEVICES} says, else as many of the GPUs as divide the ranks, else
     * one.
     *
     * @param ranks what the result is computed by
     * @param seen number of GPUs that this process sees
     * @throws StageFailure bad configuration, if the chosen number does not divide the ranks, or there are fewer GPUs
     */
    public static Devices of(Map<String, String> environment, int ranks, int seen) {
        boolean chosen = environment.containsKey(LaunchVariables.DEVICES);
        int count = chosen
                ? LaunchVariables.number(environment, LaunchVariables.DEVICES, 1)
                : IntStream.rangeClosed(1, Math.max(1, Math.min(seen, ranks)))
                        .filter(number -> ranks % number == 0)
                        .max()
                        .orElse(1);
        int ofProcess = new World(0, count).ranks(ranks);
        if (seen > 0 && count > seen) {
            throw StageFailure.badConfig(
                    LaunchVariables.DEVICES + " is " + count + ", and there are only " + seen + " GPUs");
        }
        if (count < seen) {
            LOG.warn("{} of {} GPUs are used, since the number must divide {} ranks", count, seen, ranks);
        }
        if (count > 1) {
            LOG.info("devices={} ranks={} ranksOfDevice={}", count, ranks, ofProcess);
        }
        return new Devices(count, seen > 0 ? visible(environment, count) : List.of());
    }

    private static List<String> visible(Map<String, String> environment, int count) {
        String all = environment.get(VISIBLE);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(all == null ? Integer.toString(i) : all.split(",", -1)[i].strip());
        }
        return names;
    }

    /** Variables that let a process see its device only. */
    Map<String, String> variables(int index) {
        return gpus.isEmpty() ? Map.of() : Map.of(VISIBLE, gpus.get(index));
    }
}
