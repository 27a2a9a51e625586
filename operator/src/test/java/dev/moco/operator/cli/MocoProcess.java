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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
        return new MocoProcess("moco " + String.join(" ", arguments), builder).withoutInput();
    }

    /** Starts the launcher of a checkout with these arguments. */
    static MocoProcess launcher(BuiltCheckout checkout, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = List.of(checkout.folder().resolve("moco").toString());
        ProcessBuilder builder = builder(command, List.of(arguments));
        builder.environment().putAll(environment);
        return new MocoProcess("./moco " + String.join(" ", arguments), builder).withoutInput();
    }

    /** Starts a line of a shell in a folder; there is no cluster for it. */
    static MocoProcess shell(Path folder, String line) throws IOException {
        ProcessBuilder builder = builder(List.of("bash", "-c", line), List.of());
        builder.environment().put("KUBECONFIG", "/dev/null");
        builder.directory(folder.toFile());
        return new MocoProcess(line, builder).withoutInput();
    }

    /** Starts the launcher in a terminal of 80 columns and 24 rows, in which {@link #type} types. */
    static MocoProcess terminal(BuiltCheckout checkout, String... arguments) throws IOException {
        // A test that runs in the background may have SIGINT ignored, which processes pass on to those that they start.
        String command = "stty cols 80 rows 24; exec env --default-signal=INT "
                + Stream.concat(Stream.of(checkout.folder().resolve("moco").toString()), Stream.of(arguments))
                        .map(argument -> "'" + argument + "'")
                        .collect(Collectors.joining(" "));
        ProcessBuilder builder = builder(List.of("script", "-qec", command, "/dev/null"), List.of());
        builder.environment().putAll(Map.of("SHELL", "/bin/sh", "TERM", "xterm"));
        return new MocoProcess("./moco " + String.join(" ", arguments) + " in a terminal", builder);
    }

    /** True if this machine has the program that makes terminals, of util-linux, and coreutils of 2019 or newer. */
    static boolean hasTerminals() throws IOException, InterruptedException {
        try {
            if (new ProcessBuilder("env", "--default-signal=INT", "true")
                            .start()
                            .waitFor()
                    != 0) {
                return false;
            }
            Process version = new ProcessBuilder("script", "--version").start();
            String text = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return version.waitFor() == 0 && text.contains("util-linux");
        } catch (IOException e) {
            return false;
        }
    }

    private MocoProcess withoutInput() throws IOException {
        process.getOutputStream().close();
        return this;
    }

    /** Types characters. */
    void type(String characters) throws IOException {
        process.getOutputStream().write(characters.getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    /** Asks the process to end, by SIGTERM. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** Tells the process that its terminal was closed. */
    void hangUp() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor();
    }

    /** The process of a stage, which it has started; empty while there is none. */
    Optional<ProcessHandle> stage(String name) {
        return process.descendants()
                .filter(child -> commandLine(child).endsWith("StageMain\0" + name + "\0"))
                .findFirst();
    }

    /** The whole command line; that of the process handle is truncated if the class path is long. */
    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    /** Starts the real kubectl, which finds plugins in the PATH. */
    static MocoProcess kubectl(TestCluster cluster, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                List.of(new ClusterProgram(TestCluster.home()).build(System.err).toString(), "kubectl");
        ProcessBuilder builder = builder(command, List.of(arguments));
        builder.environment().putAll(environment);
        builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
        return new MocoProcess("kubectl " + String.join(" ", arguments), builder).withoutInput();
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

    /** Waits for a line of output that contains a text. */
    void awaitText(String part) {
        wait(out, readsOut, line -> line.contains(part), part, 1);
    }

    /** Waits for a line of output in which a pattern is found. */
    void awaitMatch(Pattern pattern) {
        wait(out, readsOut, line -> pattern.matcher(line).find(), pattern.pattern(), 1);
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
