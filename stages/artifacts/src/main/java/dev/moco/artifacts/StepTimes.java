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

/** What steps took on this machine, in a file of the work folder: benches and runs write it, the plan reads it. */
public final class StepTimes {
    private static final Logger LOG = LoggerFactory.getLogger(StepTimes.class);
    private static final String FILE = "step-times.json";

    private final Path file;

    /** @param folder the work folder, which may not be there yet */
    public StepTimes(Path folder) {
        this.file = folder.resolve(FILE);
    }

    /** Seconds by {@link StepWork}, as in the file. */
    record Content(Map<String, Double> seconds) {}

    /** Seconds that a step of such a stage took last. */
    public OptionalDouble seconds(StageConfig config, int threads) {
        Double seconds = read().get(StepWork.of(config, threads));
        return seconds == null ? OptionalDouble.empty() : OptionalDouble.of(seconds);
    }

    /** Notes seconds of a step; the newest counts. */
    public void put(StageConfig config, int threads, double seconds) throws IOException {
        Map<String, Double> all = read();
        Double before = all.put(StepWork.of(config, threads), seconds);
        if (before != null && before == seconds) {
            return;
        }
        Files.createDirectories(file.getParent());
        Path written = Files.createTempFile(file.getParent(), FILE, null);
        Files.write(written, CanonicalJson.bytes(new Content(all)));
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A file that cannot be read is as none: it only holds what can be measured again. */
    private Map<String, Double> read() {
        try {
            if (Files.isRegularFile(file)) {
                return new TreeMap<>(CanonicalJson.read(Files.readAllBytes(file), Content.class)
                        .seconds());
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("{} is not read: {}", file, e.getMessage());
        }
        return new TreeMap<>();
    }
}
