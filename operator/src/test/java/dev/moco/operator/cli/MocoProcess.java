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

/** {@code moco} as a program of its own: its output as it comes, and how it ended. */
public final class MocoProcess implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private final String command;
    private final Process process;
    private final List<String> out = new CopyOnWriteArrayList<>();
    private final List<String> error = new CopyOnWriteArrayList<>();
    private final Thread readsOut;
    private final Thread readsError;

    /** Output and exit code of an ended process. */
    public record Said(int exitCode, String out, String error) {}

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
        // Credentials of whoever runs the tests would open what is to stay shut.
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

    /** The real kubectl, which finds plugins in the PATH. */
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
        // The JVM tells on standard error that it heeds them.
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

    /** Waits for a line of output that begins so. */
    void await(String beginning) {
        await(beginning, 1);
    }

    /** Waits for a number of such lines. */
    void await(String beginning, int times) {
        wait(out, line -> line.startsWith(beginning), beginning, times);
    }

    /** Waits for a line of errors and notes that has it somewhere. */
    void awaitError(String part) {
        wait(error, line -> line.contains(part), part, 1);
    }

    private void wait(List<String> lines, Predicate<String> wanted, String what, int times) {
        try {
            Awaitility.await()
                    .atMost(LONGEST)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> lines.stream().filter(wanted).count() >= times || !process.isAlive());
        } catch (ConditionTimeoutException e) {
            // told below, with what it said instead
        }
        assertThat(lines.stream().filter(wanted))
                .as("%s says \"%s\", said %s%s", command, what, text(out), text(error))
                .hasSizeGreaterThanOrEqualTo(times);
    }

    /** Waits for its end. */
    public Said ended() throws InterruptedException {
        if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
            close();
            throw new AssertionError("still runs: " + command + "\n" + text(out) + text(error));
        }
        readsOut.join();
        readsError.join();
        return new Said(process.exitValue(), text(out), text(error));
    }

    private static String text(List<String> lines) {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
