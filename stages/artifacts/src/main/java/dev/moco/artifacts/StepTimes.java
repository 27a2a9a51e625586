package dev.moco.artifacts;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StepWork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measured times of steps on this machine, in a file of the work folder. Benches and runs write it, plans read it. */
public final class StepTimes {
    private static final Logger LOG = LoggerFactory.getLogger(StepTimes.class);
    private static final String FILE = "step-times.json";

    private final Path file;

    /** @param folder the work folder, which may not exist yet */
    public StepTimes(Path folder) {
        this.file = folder.resolve(FILE);
    }

    /** Content of the file: seconds by {@link StepWork}. */
    record SecondsByWork(Map<String, Double> seconds) {}

    /** Returns the newest time of a step with this configuration, in seconds; empty if none was measured. */
    public OptionalDouble seconds(StageConfig config, int threads) {
        Double seconds = read().get(StepWork.of(config, threads));
        return seconds == null ? OptionalDouble.empty() : OptionalDouble.of(seconds);
    }

    /** Saves the time of a step and replaces an older one. */
    public void put(StageConfig config, int threads, double seconds) throws IOException {
        Map<String, Double> all = read();
        Double before = all.put(StepWork.of(config, threads), seconds);
        if (before != null && before == seconds) {
            return;
        }
        Files.createDirectories(file.getParent());
        Path written = Files.createTempFile(file.getParent(), FILE, null);
        Files.write(written, CanonicalJson.bytes(new SecondsByWork(all)));
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Reads the file; an invalid one is treated as missing, since times can be measured again. */
    private Map<String, Double> read() {
        try {
            if (Files.isRegularFile(file)) {
                return new TreeMap<>(CanonicalJson.read(Files.readAllBytes(file), SecondsByWork.class)
                        .seconds());
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("ignoring {}: {}", file, e.getMessage());
        }
        return new TreeMap<>();
    }
}
