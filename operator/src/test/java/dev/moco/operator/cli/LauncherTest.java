package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script {@code moco}, with scripts in place of Java and Maven. */
class LauncherTest {
    private static final List<String> PROGRAMS = List.of("operator", "localcluster", "training");

    /** Prints its arguments. */
    private static final String JAVA = "#!/bin/sh\nprintf '%s\\n' \"$@\"\n";

    @TempDir
    Path folder;

    private Path jdk;

    private record Ran(int exitCode, String text) {}

    @BeforeEach
    void installJava() throws IOException {
        jdk = folder.resolve("jdk");
        script(jdk.resolve("bin/java"), JAVA);
        script(jdk.resolve("bin/javac"), JAVA);
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path release(Path home) throws IOException {
        programs(home);
        Files.copy(Path.of("..", "moco"), home.resolve("moco"), StandardCopyOption.COPY_ATTRIBUTES);
        return home;
    }

    private static void programs(Path home) throws IOException {
        Files.createDirectories(home.resolve("lib"));
        for (String program : PROGRAMS) {
            Files.writeString(home.resolve("lib/moco-" + program + ".classpath"), "lib/" + program + "-needs.jar\n");
        }
    }

    /** A checkout whose Maven makes the programs. */
    private Path checkout(Path home) throws IOException {
        for (String part : List.of("operator", "operator/localcluster", "stages/contract")) {
            Files.createDirectories(home.resolve(part).resolve("src/main"));
            Files.createFile(home.resolve(part).resolve("pom.xml"));
        }
        Files.createFile(home.resolve("pom.xml"));
        Files.writeString(home.resolve("operator/src/main/A.java"), "class A {}");
        Files.copy(Path.of("..", "moco"), home.resolve("moco"), StandardCopyOption.COPY_ATTRIBUTES);
        programs(folder.resolve("built"));
        script(folder.resolve("maven/mvn"), """
                #!/bin/sh
                echo built >> %1$s/builds
                cp -r %1$s/built/lib target/
                """.formatted(folder));
        return home;
    }

    private long builds() throws IOException {
        Path builds = folder.resolve("builds");
        return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
    }

    private Ran moco(Path home, String javaHome, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(Stream.concat(Stream.of(home.resolve("moco").toString()), Stream.of(arguments))
                        .toList());
        builder.environment().put("JAVA_HOME", javaHome);
        builder.environment().compute("PATH", (name, path) -> folder.resolve("maven") + ":" + path);
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), text);
    }

    @Test
    void aReleaseRunsFromWhereverItIs() throws Exception {
        Path first = release(folder.resolve("a release"));
        Path moved = Files.move(first, folder.resolve("moved R&D here"));

        Ran output = moco(moved, jdk.toString(), "plan", "my file.yaml");

        assertThat(output.exitCode()).isZero();
        assertThat(output.text().lines())
                .contains("-Dmoco.home=" + moved, "plan", "my file.yaml")
                .contains(("%1$s/lib/moco-operator.jar:%1$s/lib/operator-needs.jar"
                                + ":%1$s/lib/moco-localcluster.jar:%1$s/lib/localcluster-needs.jar")
                        .formatted(moved));
        assertThat(output.text()).doesNotContain(first.toString());
    }

    @Test
    void aMovedOrCopiedCheckoutIsNotBuiltAgain() throws Exception {
        Path checkout = checkout(Files.createDirectories(folder.resolve("checkout")));
        assertThat(moco(checkout, jdk.toString(), "plan").exitCode()).isZero();
        assertThat(builds()).isEqualTo(1);

        Path moved = Files.move(checkout, folder.resolve("moved"));
        // A copy has new times.
        Files.setLastModifiedTime(
                moved.resolve("operator/src/main/A.java"),
                FileTime.from(Instant.now().plusSeconds(9)));
        Ran output = moco(moved, jdk.toString(), "plan");

        assertThat(output.exitCode()).isZero();
        assertThat(output.text())
                .contains(moved + "/target/lib/moco-operator.jar")
                .doesNotContain(checkout + "/");
        assertThat(builds()).isEqualTo(1);

        Files.writeString(moved.resolve("operator/src/main/A.java"), "class A { int changed; }");
        Files.setLastModifiedTime(
                moved.resolve("operator/src/main/A.java"),
                FileTime.from(Instant.now().plusSeconds(9)));
        moco(moved, jdk.toString(), "plan");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void aWrongJavaHomeIsNamed() throws Exception {
        Path home = release(folder.resolve("release"));

        Ran output = moco(home, folder.resolve("none").toString());

        assertThat(output.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(output.text())
                .isEqualTo("moco: JAVA_HOME is " + folder.resolve("none")
                        + ", which has no bin/java; let it name a JDK 17 or newer, or unset it\n");
    }

    @Test
    void anOldJavaIsNamed() throws Exception {
        Path home = release(folder.resolve("release"));
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"1.8.0_402\"\n");

        Ran output = moco(home, jdk.toString());

        assertThat(output.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(output.text())
                .isEqualTo("moco: " + jdk
                        + "/bin/java, the Java of JAVA_HOME, is version 1.8.0_402; moco needs 17 or newer\n");
    }

    @Test
    void aColonInThePathIsNamed() throws Exception {
        Path home = release(folder.resolve("a:b"));

        Ran output = moco(home, jdk.toString());

        assertThat(output.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(output.text()).startsWith("moco: the folder " + home + " has a colon in its name");
    }
}
