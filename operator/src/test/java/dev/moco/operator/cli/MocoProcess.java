package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.localcluster.ClusterProgram;
import dev.moco.localcluster.TestCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A {@code moco} process with its output so far and its exit code. */
public final class MocoProcess implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private final String command;
    private final Process process;
    private final List<String> out = new CopyOnWriteArrayList<>();
    private final List<String> error = new CopyOnWriteArrayList<>();
    private final Thread readsOut;
    private final Thread readsError;

    /** Output and exit code of an ended process. */
    public record ProcessOutput(int exitCode, String out, String error) {}

    private MocoProcess(String command, ProcessBuilder builder) throws IOException {
        this.command = command;
        process = builder.start();
        process.getOutputStream().close();
        readsOut = read(process.getInputStream(), out);
        readsError = read(process.getErrorStream(), error);
    }

    /** Starts {@code moco} with these arguments. */
    public static MocoProcess start(Map<String, String> environment, List<String> arguments) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
        ProcessBuilder builder = builder(command, arguments);
        // The tests must not use the credentials of the user who runs them.
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment()
                .putAll(Map.of(
                        "AWS_EC2_METADATA_DISABLED",
                        "true",
                        "AWS_CONFIG_FILE",
                        "/dev/null",
                        "AWS_SHARED_CREDENTIALS_FILE",
                        "/dev/null"));
        builder.environment().putAll(environment);
        return new MocoProcess("moco " + String.join(" ", arguments), builder);
    }

    /** Starts the launcher of a checkout with these arguments. */
    static MocoProcess launcher(BuiltCheckout checkout, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = List.of(checkout.folder().resolve("moco").toString());
        ProcessBuilder builder = builder(command, List.of(arguments));
        builder.environment().putAll(environment);
        return new MocoProcess("./moco " + String.join(" ", arguments), builder);
    }

    /** Starts the real kubectl, which finds plugins in the PATH. */
    static MocoProcess kubectl(TestCluster cluster, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                List.of(new ClusterProgram(TestCluster.home()).build(System.err).toString(), "kubectl");
        ProcessBuilder builder = builder(command, List.of(arguments));
        builder.environment().putAll(environment);
        builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
        return new MocoProcess("kubectl " + String.join(" ", arguments), builder);
    }

    private static ProcessBuilder builder(List<String> command, List<String> arguments) {
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(command.stream(), arguments.stream()).toList());
        // With these variables the JVM prints a line to standard error.
        builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        return builder;
    }

    private static Thread read(InputStream stream, List<String> lines) {
        Thread thread = new Thread(
                () -> {
                    try (BufferedReader reader =
                            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                            lines.add(line);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                "output");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Lines of output so far. */
    List<String> lines() {
        return List.copyOf(out);
    }

    /** Waits for a line of output with a prefix. */
    void await(String prefix) {
        await(prefix, 1);
    }

    /** Waits for a number of lines with a prefix. */
    void await(String prefix, int times) {
        wait(out, readsOut, line -> line.startsWith(prefix), prefix, times);
    }

    /** Waits for a line on standard error that contains a text. */
    void awaitError(String part) {
        wait(error, readsError, line -> line.contains(part), part, 1);
    }

    /** Waits until enough lines match, or the stream has ended: a process ends before its last lines are read. */
    private void wait(List<String> lines, Thread reads, Predicate<String> matches, String text, int times) {
        try {
            Awaitility.await()
                    .atMost(LONGEST)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> lines.stream().filter(matches).count() >= times || !reads.isAlive());
        } catch (ConditionTimeoutException e) {
            // The assertion below reports it with the output.
        }
        assertThat(lines.stream().filter(matches))
                .as("%s prints \"%s\"; output: %s%s", command, text, text(out), text(error))
                .hasSizeGreaterThanOrEqualTo(times);
    }

    /** Waits until the process has ended. */
    public ProcessOutput ended() throws InterruptedException {
        if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
            close();
            throw new AssertionError("still runs: " + command + "\n" + text(out) + text(error));
        }
        readsOut.join();
        readsError.join();
        return new ProcessOutput(process.exitValue(), text(out), text(error));
    }

    private static String text(List<String> lines) {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
