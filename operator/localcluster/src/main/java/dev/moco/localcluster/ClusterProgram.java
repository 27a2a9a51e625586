package dev.moco.localcluster;

import dev.moco.contract.StageFailure;
import dev.moco.contract.local.UserCache;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The Go program with all servers of the control plane, and kubectl. It is built once for each user, into a cache folder
 * named by the digest of its sources and the version of Go.
 */
public final class ClusterProgram {
    private static final String VERSION = "1.36.3";
    /** Go sources, below the folder of the launcher. */
    static final String SOURCES = "operator/localcluster/src/main/go";

    private static final Duration BETWEEN_LINES = Duration.ofSeconds(30);
    private static final int LAST_LINES = 12;

    private final Path sources;
    private final Path cache;
    private final Supplier<Optional<Path>> go;

    /**
     * The program of a checkout or a release.
     *
     * @param home folder of the launcher
     */
    public ClusterProgram(Path home) {
        this(home.resolve(SOURCES), UserCache.folder("testcluster"), ClusterProgram::goOnPath);
    }

    /** {@code go} is Go's command, which is searched for only when it is needed. */
    ClusterProgram(Path sources, Path cache, Supplier<Optional<Path>> go) {
        this.sources = sources;
        this.cache = cache;
        this.go = go;
    }

    /** Returns whether the sources are there. */
    boolean hasSources() {
        return Files.isRegularFile(sources.resolve("go.mod"));
    }

    /** Go's command; empty if there is none. */
    Optional<Path> go() {
        return go.get();
    }

    private static Optional<Path> goOnPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .map(folder -> Path.of(folder, "go"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The built program, whichever version of Go built it; empty if there is none. */
    Optional<Path> built() throws IOException {
        if (!Files.isDirectory(cache)) {
            return Optional.empty();
        }
        String digest = digest();
        try (Stream<Path> folders = Files.list(cache)) {
            return folders.filter(folder -> folder.getFileName().toString().startsWith(digest + "-"))
                    .map(folder -> folder.resolve("cluster"))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }

    /**
     * Builds the program unless it is built, which takes six to ten minutes on two cores. Concurrent callers wait for one
     * build.
     *
     * @param progress receives a line about every 30 s
     * @throws StageFailure bad configuration, if there is no Go or its version is too old
     */
    @SuppressWarnings("try") // the lock is only held
    public Path build(PrintStream progress) throws IOException, InterruptedException {
        if (!hasSources()) {
            throw StageFailure.badConfig(
                    "the control plane's sources are not in " + sources + "; a checkout and a release have them");
        }
        Optional<Path> command = go();
        if (command.isEmpty()) {
            return built().orElseThrow(
                            () -> StageFailure.badConfig(
                                    "building the control plane needs Go, which is not in PATH;"
                                            + " install Go 1.26 or newer (or 1.21, which downloads it), or name another cluster by KUBECONFIG"));
        }
        String tool = command.get().toString();
        String version = output(List.of(tool, "env", "GOVERSION")).strip();
        Path folder = cache.resolve(digest() + "-" + version);
        Path program = folder.resolve("cluster");
        if (Files.isExecutable(program)) {
            return program;
        }
        Files.createDirectories(folder);
        // File locks do not block threads of the same process.
        synchronized (ClusterProgram.class) {
            try (FileChannel channel = FileChannel.open(
                            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = lock(channel, progress)) {
                if (!Files.isExecutable(program)) {
                    compile(tool, folder, program, version, progress);
                }
            }
        }
        return program;
    }

    private static FileLock lock(FileChannel channel, PrintStream progress) throws IOException {
        FileLock lock = channel.tryLock();
        if (lock == null) {
            progress.println("moco: waiting for another process that builds the control plane");
            lock = channel.lock();
        }
        return lock;
    }

    private void compile(String tool, Path folder, Path program, String goVersion, PrintStream progress)
            throws IOException, InterruptedException {
        Instant start = Instant.now();
        progress.printf(
                "moco: building the control plane (Kubernetes %s, %s), once; this takes six to ten minutes on two cores%n",
                VERSION, goVersion);
        boolean keep = "1".equals(System.getenv("MOCO_KEEP_BUILD_CACHE"));
        Path objects = folder.resolve("build");
        Path unfinished = folder.resolve("cluster.new");
        try {
            // Downloads missing modules, too.
            long packages = output(List.of(tool, "list", "-deps", ".")).lines().count();
            String version = "-X k8s.io/component-base/version.";
            String flags = "-s -w %sgitVersion=v%s %sgitMajor=1 %sgitMinor=%s %sgitTreeState=clean"
                    .formatted(version, VERSION, version, version, VERSION.split("\\.", -1)[1], version);
            ProcessBuilder builder = new ProcessBuilder(
                    tool,
                    "build",
                    "-v",
                    "-trimpath",
                    "-buildvcs=false",
                    "-ldflags",
                    flags,
                    "-o",
                    unfinished.toString(),
                    ".");
            builder.directory(sources.toFile()).redirectErrorStream(true);
            builder.environment().put("CGO_ENABLED", "0");
            if (!keep) {
                builder.environment().put("GOCACHE", objects.toString());
            }
            Process process = builder.start();
            process.getOutputStream().close();
            Deque<String> lastLines = readOutput(process, packages, progress);
            if (process.waitFor() != 0) {
                throw StageFailure.fault("building the control plane failed:\n" + String.join("\n", lastLines));
            }
            Files.move(unfinished, program, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            PrivateFiles.delete(objects);
        }
        progress.printf("moco: built in %s: %s%n", clock(Duration.between(start, Instant.now())), program);
    }

    /** Reports the number of compiled packages, and returns the last lines for an error. */
    private static Deque<String> readOutput(Process process, long packages, PrintStream progress) throws IOException {
        Deque<String> lastLines = new ArrayDeque<>();
        Instant start = Instant.now();
        Instant reported = start;
        long done = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (line != null) {
                done++;
                lastLines.addLast(line);
                if (lastLines.size() > LAST_LINES) {
                    lastLines.removeFirst();
                }
                Instant now = Instant.now();
                if (Duration.between(reported, now).compareTo(BETWEEN_LINES) > 0) {
                    reported = now;
                    progress.printf(
                            "moco: building the control plane: %d of %d packages in %s%n",
                            done, packages, clock(Duration.between(start, now)));
                }
                line = lines.readLine();
            }
        }
        return lastLines;
    }

    private static String clock(Duration time) {
        return "%d:%02d".formatted(time.toMinutes(), time.toSecondsPart());
    }

    private String output(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(sources.toFile());
        builder.environment().putAll(Map.of("CGO_ENABLED", "0"));
        Path errors = Files.createTempFile("moco-go", ".txt");
        try {
            Process process = builder.redirectError(errors.toFile()).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw StageFailure.badConfig("building the control plane failed, output of `%s`:%n%s"
                        .formatted(String.join(" ", command), ServerProcess.tail(errors, 1500)));
            }
            return output;
        } finally {
            Files.delete(errors);
        }
    }

    private String digest() throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(sources)) {
            files = all.filter(file -> file.getFileName().toString().matches("go\\.mod|go\\.sum|.*\\.go"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            digest.update((file.getFileName() + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(file));
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
