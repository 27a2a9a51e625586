package dev.moco.operator.neighbors;

import dev.moco.localcluster.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Go module below {@code operator/src/test/neighbors}, which pins a program of another project. It is built once for each
 * user, into a cache folder named by the digest of the module's files and the version of Go.
 *
 * @param folder of the module
 * @param program package that is built
 */
record GoModule(Path folder, String program) {
    /** Module with a name; {@code program} is the import path of a package, or "." for that of the module itself. */
    static GoModule of(String name, String program) throws IOException {
        return new GoModule(TestCluster.home().resolve("operator/src/test/neighbors/" + name), program);
    }

    /** The built program. The first build takes minutes, and downloads what the module requires. */
    Path build() throws IOException, InterruptedException {
        String version =
                Command.of("go", "env", "GOVERSION").in(folder).output().strip();
        Path cache = Caches.folder("neighbors")
                .resolve(folder.getFileName() + "-" + digest().substring(0, 16) + "-" + version);
        Path built = cache.resolve("program");
        if (!Files.isExecutable(built)) {
            Files.createDirectories(cache);
            System.err.println("building " + program + " of " + folder + ", once; this takes minutes");
            Path unfinished = Files.createTempDirectory(cache, "build").resolve("program");
            Command.of("go", "build", "-trimpath", "-buildvcs=false", "-o", unfinished.toString(), program)
                    .in(folder)
                    .output();
            Files.move(unfinished, built, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(unfinished.getParent());
        }
        return built;
    }

    /** Folder with the sources of a module that this one requires. */
    Path sources(String required) throws IOException, InterruptedException {
        return Path.of(Command.of("go", "list", "-m", "-f", "{{.Dir}}", required)
                .in(folder)
                .output()
                .strip());
    }

    private String digest() throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.sorted().toList();
        }
        for (Path file : files) {
            digest.update((file.getFileName() + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(file));
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
