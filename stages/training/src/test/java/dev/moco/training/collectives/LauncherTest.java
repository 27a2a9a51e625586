package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageTask;
import dev.moco.contract.Termination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher with real processes that join, agree and fail as a stage's may, without an engine. */
class LauncherTest {
    /** A process: it joins the others, agrees with them until it fails as its argument says, and else ends with 0. */
    static final class FailingMember {
        private FailingMember() {}

        /** Process 1 fails as the argument says, once it has agreed a few times. */
        public static void main(String... arguments) throws Exception {
            DeviceMember member = DeviceMember.join(System.getenv(), false, false);
            long[] steps = new long[1];
            member.activity(() -> steps[0]);
            boolean stops = arguments[0].equals("stops");
            try {
                for (; steps[0] < 20 || stops; steps[0]++) {
                    if (Agreements.any(member.collectives(), member.stopRequested())[0]) {
                        System.exit(ExitCode.INTERRUPTED);
                    }
                    if (steps[0] == 5 && member.world().index() == 1) {
                        fail(arguments[0]);
                    }
                }
            } catch (PeerLostException e) {
                System.exit(Launcher.LOST_ANOTHER);
            }
            member.close();
        }

        private static void fail(String how) throws IOException, InterruptedException {
            switch (how) {
                case "pauses" -> {
                    ProcessHandle launcher = ProcessHandle.current().parent().orElseThrow();
                    List<String> command = new ArrayList<>(List.of(
                            "sh", "-c", "kill -STOP $*; sleep 35; kill -CONT $1; sleep 1; kill -CONT $*", "pause"));
                    Stream.concat(Stream.of(launcher), launcher.children())
                            .forEach(process -> command.add(Long.toString(process.pid())));
                    new ProcessBuilder(command).start().waitFor();
                }
                case "hangs" -> Thread.sleep(Long.MAX_VALUE);
                case "faults" -> {
                    Termination end =
                            new Termination(ExitCode.FAULT, "the GPU failed: CUDA error: unknown error", null);
                    Files.write(Path.of(System.getenv(StageTask.TERMINATION_VARIABLE)), CanonicalJson.bytes(end));
                    System.exit(ExitCode.FAULT);
                }
                case "refuses" -> System.exit(ExitCode.BAD_CONFIG);
                case "exhausts" -> System.exit(3);
                case "STOP", "KILL", "ABRT" ->
                    new ProcessBuilder(
                                    "kill",
                                    "-" + how,
                                    Long.toString(ProcessHandle.current().pid()))
                            .start()
                            .waitFor();
                default -> {}
            }
        }
    }

    /** The launcher in a process of its own, as its processes write where it does; its last line is what it reports. */
    static final class Launch {
        private Launch() {}

        /** The argument is that of the processes. */
        public static void main(String... arguments) throws Exception {
            String how = arguments[0];
            Termination end = new Launcher(
                            command(FailingMember.class, how),
                            Map.of(
                                    LaunchVariables.SILENCE,
                                    how.equals("STOP") || how.equals("pauses") ? "30" : "600",
                                    LaunchVariables.STALL,
                                    how.equals("hangs") ? "5" : "600"),
                            new Devices(2, List.of()),
                            () -> how.equals("stops"))
                    .run();
            Files.writeString(Path.of(arguments[1]), end.exitCode() + " " + end.message());
        }
    }

    private static List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource({
        "ends,     0,",
        "pauses,   0,",
        "KILL,     1, 'device 1 of 2 was killed by signal 9, which the kernel sends where memory is exhausted'",
        "ABRT,     1, 'device 1 of 2 was ended by signal 6, which libtorch sends itself where it cannot go on, as after a"
                + " failure of the GPU; the log says more'",
        "STOP,     1, 'device 1 of 2 gave no sign for 30 s, as when it is stopped by a signal or the machine swaps, and was"
                + " killed'",
        "hangs,    1, 'device 0 of 2 made no progress for 5 s, as the others, and was killed; the log shows what its threads"
                + " did'",
        "exhausts, 1, 'device 1 of 2 ended with exit code 3, as when the Java heap is exhausted'",
        "faults,   1, 'device 1 of 2 failed: the GPU failed: CUDA error: unknown error'",
        "refuses,  78, 'ended with exit code 78'",
        "stops,    75, 'ended with exit code 75'"
    })
    void aFailureOfOneProcessEndsAllWithItsReason(String how, int exitCode, String reason) throws Exception {
        Path end = folder.resolve("end");
        Process launch = new ProcessBuilder(command(Launch.class, how, end.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        boolean ended = launch.waitFor(10, TimeUnit.MINUTES);
        launch.destroyForcibly();
        assertThat(ended).as(Files.readString(folder.resolve("log"))).isTrue();
        assertThat(launch.exitValue())
                .as(Files.readString(folder.resolve("log")))
                .isZero();
        assertThat(end).hasContent(exitCode + " " + (exitCode == 0 ? "ended with exit code 0" : reason));
    }
}
