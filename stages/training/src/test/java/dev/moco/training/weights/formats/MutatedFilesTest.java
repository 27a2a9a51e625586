package dev.moco.training.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.training.weights.exchange.WeightFiles;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changed files are read or refused as bad data, and nothing else: no other failure, no large memory, no end that does not
 * come. {@code -Dmoco.fuzz=100000} tries as many; the changes follow from their number alone.
 */
class MutatedFilesTest {
    private static final Logger LOG = LoggerFactory.getLogger(MutatedFilesTest.class);
    private static final int CHANGES = Integer.getInteger("moco.fuzz", 1500);
    private static final long MEMORY = 64 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final Map<Reason, Integer> REFUSED = new EnumMap<>(Reason.class);
    private static int read;
    private static int unusable;

    @TempDir
    private Path folder;

    static Stream<String> files() {
        return WeightFiles.entries(WeightFiles.expected().get("files"))
                .map(file -> file.get("file").asText());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    @Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aChangedFileIsReadOrRefused(String name) throws IOException {
        List<String> all = files().toList();
        byte[] original = Files.readAllBytes(WeightFiles.folder().resolve(name));
        Path file = folder.resolve(name);
        for (int change = all.indexOf(name); change < CHANGES; change += all.size()) {
            Files.write(file, new Mutation(change).of(original));
            long before = THREADS.getCurrentThreadAllocatedBytes();
            try {
                WeightFiles.read(file);
                read++;
            } catch (StageFailure e) {
                assertThat(e.exitCode()).as("change %d of %s", change, name).isEqualTo(ExitCode.BAD_DATA);
                assertThat(e.getMessage()).as("change %d of %s", change, name).hasLineCount(1);
                if (e.getCause() instanceof RefusedException refused) {
                    REFUSED.merge(refused.reason(), 1, Integer::sum);
                } else {
                    unusable++;
                }
            } catch (IOException | RuntimeException e) {
                throw new AssertionError("change " + change + " of " + name, e);
            }
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
                    .as("bytes for change %d of %s", change, name)
                    .isLessThan(MEMORY);
        }
    }

    @AfterAll
    static void changesReachEveryLayer() {
        LOG.info("changes={} read={} unusable={} refused={}", CHANGES, read, unusable, REFUSED);
        Set<Reason> layers = EnumSet.of(
                Reason.ZIP, Reason.ZIP_CRC, Reason.OPCODE, Reason.GLOBAL, Reason.STACK, Reason.CALL, Reason.STORAGE);
        assertThat(REFUSED.keySet()).containsAll(layers);
        assertThat(unusable).isPositive();
        assertThat(read).isPositive();
    }
}
