package dev.moco.training.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointUploadsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    Path folder;

    /** Steps whose upload began, and those that are stored. */
    private final List<Long> begun = Collections.synchronizedList(new ArrayList<>());

    private final List<Long> stored = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> kept = Collections.synchronizedList(new ArrayList<>());
    /** Time, which passes in pauses only. */
    private final AtomicLong nanos = new AtomicLong();

    private final Semaphore mayUpload = new Semaphore(0);
    private final CheckpointUploads uploads =
            new CheckpointUploads(this::upload, (step, saving) -> stored.add(step), nanos::get, this::pause);

    /** Number of uploads that fail, and how. */
    private final AtomicInteger failures = new AtomicInteger();

    private volatile StageFailure failure = StageFailure.fault("the store does not answer");

    private void upload(long step, Path from, boolean keep) throws IOException {
        begun.add(step);
        mayUpload.acquireUninterruptibly();
        assertThat(from.resolve("state.bin")).hasContent("state " + step);
        if (failures.getAndDecrement() > 0) {
            throw failure;
        }
        if (keep) {
            kept.add(step);
        }
    }

    private void pause(Duration time) throws InterruptedException {
        assertThat(time).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
        nanos.addAndGet(time.toNanos());
        paused.release();
        mayGoOn.acquire();
    }

    private final Semaphore paused = new Semaphore(0);
    private final Semaphore mayGoOn = new Semaphore(0);

    @AfterEach
    void close() {
        uploads.close();
    }

    @Test
    void theLastCheckpointIsAwaitedAndReplacesOneThatWaits() throws Exception {
        Path first = add(10);
        Path replaced = add(20);
        Path last = add(30);
        assertThat(replaced).doesNotExist();
        mayUpload.release(2);

        uploads.await(() -> false);

        assertThat(begun).containsExactly(10L, 30L);
        assertThat(stored).containsExactly(10L, 30L);
        assertThat(first).doesNotExist();
        assertThat(last).doesNotExist();
        uploads.requireNoFailure();
    }

    @Test
    void aFailedUploadIsTriedAgainWithTheNewestCheckpoint() throws Exception {
        failures.set(2);
        add(10);
        mayUpload.release(1);
        paused.acquire();
        uploads.requireNoFailure();
        mayGoOn.release();
        mayUpload.release(1);
        paused.acquire();
        add(20);
        mayGoOn.release();
        mayUpload.release(1);

        uploads.await(() -> false);

        assertThat(begun).containsExactly(10L, 10L, 20L);
        assertThat(stored).containsExactly(20L);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void onlyTenMinutesOfFailuresFailTheStage() throws Exception {
        failures.set(Integer.MAX_VALUE);
        mayUpload.release(1_000_000);
        add(10);
        Duration failing = Duration.ZERO;
        for (int step = 20; failing.compareTo(PATIENCE) < 0; step++) {
            paused.acquire();
            failing = Duration.ofNanos(nanos.get());
            uploads.requireNoFailure();
            add(step);
            mayGoOn.release();
        }
        assertThatThrownBy(() -> uploads.await(() -> false))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        caught -> assertThat(caught.exitCode()).isEqualTo(ExitCode.FAULT))
                .hasMessage(
                        "no checkpoint could be uploaded for 10 minutes; the last failure: the store does not answer");
        assertThatThrownBy(uploads::requireNoFailure).isInstanceOf(StageFailure.class);
        assertThatThrownBy(() -> add(1000)).isInstanceOf(StageFailure.class);
    }

    @Test
    void aStoredCheckpointEndsTheFailures() throws Exception {
        mayUpload.release(1_000_000);
        for (int step = 1; step <= 200; step++) {
            failures.set(2);
            add(step);
            for (int pause = 0; pause < 2; pause++) {
                paused.acquire();
                mayGoOn.release();
            }
            uploads.await(() -> false);
        }
        assertThat(stored).hasSize(200);
        assertThat(nanos.get()).isGreaterThanOrEqualTo(PATIENCE.toNanos());
    }

    @Test
    void credentialsThatExpireEndTheStageAsBadConfiguration() throws Exception {
        failure = StageFailure.badConfig("the credentials may not write");
        failures.set(Integer.MAX_VALUE);
        mayUpload.release(1_000_000);
        mayGoOn.release(1_000_000);
        add(10);
        assertThatThrownBy(() -> uploads.await(() -> false))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        caught -> assertThat(caught.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessageEndingWith("the last failure: the credentials may not write");
    }

    @Test
    void aStopWaitsNoLongerThanItsLimit() throws Exception {
        add(10);
        assertThatThrownBy(() -> uploads.await(() -> true, Duration.ofMillis(1)))
                .hasMessageStartingWith("the checkpoint of step 10 was not uploaded within ");
        // Not beside the next test, whose output may be read.
        mayUpload.release();
        uploads.await(() -> false);
    }

    @Test
    void oneThatIsKeptIsNeverReplaced() throws Exception {
        add(10);
        add(20, true);
        Path replaced = add(25);
        add(30);
        assertThat(replaced).doesNotExist();
        mayUpload.release(3);

        uploads.await(() -> false);

        assertThat(stored).containsExactly(10L, 20L, 30L);
        assertThat(kept).containsExactly(20L);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void oneThatIsKeptIsTriedAgainWhateverWaits() throws Exception {
        failures.set(1);
        add(10, true);
        mayUpload.release(1);
        paused.acquire();
        add(20);
        mayGoOn.release();
        mayUpload.release(2);

        uploads.await(() -> false);

        assertThat(begun).containsExactly(10L, 10L, 20L);
        assertThat(stored).containsExactly(10L, 20L);
    }

    @Test
    void anotherOneThatIsKeptWaitsForTheUploadOfTheFirst() throws Exception {
        add(10);
        uploads.awaitKept(() -> false);
        add(20, true);
        uploads.awaitKept(() -> true);
        Thread other = new Thread(() -> {
            try {
                uploads.awaitKept(() -> false);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        other.start();
        mayUpload.release(1);
        other.join(TimeUnit.MINUTES.toMillis(10));
        assertThat(other.isAlive()).isFalse();
        assertThat(stored).contains(10L);
        mayUpload.release(1);
        uploads.await(() -> false);
        assertThat(stored).containsExactly(10L, 20L);
    }

    private Path add(long step) throws IOException {
        return add(step, false);
    }

    private Path add(long step, boolean keep) throws IOException {
        Path made = Files.createTempDirectory(folder, "checkpoint");
        Files.writeString(made.resolve("state.bin"), "state " + step);
        uploads.add(step, made, keep, Duration.ZERO);
        return made;
    }
}
