package dev.moco.operator.local;

import java.util.Map;
import java.util.OptionalInt;

/**
 * The machine of {@code moco run}.
 *
 * @param gpus its GPUs
 * @param capacity what of it the stages may use
 */
public record LocalMachine(LocalGpus gpus, Capacity capacity) {
    /**
     * Looks at this machine.
     *
     * @param environment environment variables, which stages inherit
     * @param devices processes of a stage that a person asks for; empty uses all GPUs
     */
    public static LocalMachine look(Map<String, String> environment, OptionalInt devices) {
        LocalGpus gpus = LocalGpus.of(environment);
        return new LocalMachine(gpus, Capacity.ofThisMachine(gpus, devices));
    }

    /** The machine in one line. */
    public String described() {
        String chosen =
                capacity.chosen().isPresent() ? ", " + capacity.chosen().getAsInt() + " processes a stage at most" : "";
        return "on " + gpus.described() + ", " + capacity.cores() + " cores, " + (capacity.memoryMib() >> 10)
                + " GiB of memory" + chosen;
    }
}
