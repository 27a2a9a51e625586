package dev.moco.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive that {@code mvn package} makes, unpacked elsewhere: nothing of the checkout is used. */
class ReleaseIT {
    private static final Path TARGET = Path.of("../../target");

    @TempDir
    Path folder;

    private Path home;

    @BeforeEach
    void unpack() throws Exception {
        List<Path> archives;
        try (Stream<Path> files = Files.list(TARGET)) {
            archives = files.filter(file -> file.getFileName().toString().matches("moco-.*[.]tar"))
                    .toList();
        }
        assertThat(archives).hasSize(1);
        run(List.of("tar", "xf", archives.get(0).toRealPath().toString()), folder);
        home = folder.resolve(archives.get(0).getFileName().toString().replaceFirst("[.]tar$", ""));
    }

    private static String run(List<String> command, Path folder) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        // With these variables the JVM prints a line.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
        return output;
    }

    private String moco(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(home.resolve("moco").toString()));
        command.addAll(List.of(arguments));
        return run(command, folder);
    }

    @Test
    void itRunsWithoutSourcesAndMaven() throws Exception {
        assertThat(home.resolve("pom.xml")).doesNotExist();
        assertThat(run(List.of(home.resolve("kubectl-moco").toString(), "--version"), folder))
                .startsWith("moco ");
        assertThat(moco(
                        "plan",
                        home.resolve("pipelines/quickstart/experiment.yaml").toString()))
                .contains("prepare-imagenet", "pretrain", "detect-1");
        assertThat(home).isDirectoryContaining("glob:**/LICENSE").isDirectoryContaining("glob:**/README.md");
        assertThat(home.resolve("manifests/chart/Chart.yaml")).exists();
        assertThat(home.resolve("operator/localcluster/src/main/go/go.mod")).exists();
        for (String program : List.of("moco-operator", "moco-localcluster", "moco-training")) {
            assertThat(Files.readString(home.resolve("lib/" + program + ".classpath"))
                            .strip()
                            .split(":", -1))
                    .allSatisfy(jar -> assertThat(jar).matches("lib/[^/]+[.]jar"))
                    .allSatisfy(jar -> assertThat(home.resolve(jar)).exists());
        }
    }

    @Test
    void itTrainsAnEncoderOnImagesWithoutClasses() throws Exception {
        Random random = new Random(1);
        Path images = Files.createDirectories(folder.resolve("my photos/2024"));
        for (int index = 0; index < 32; index++) {
            BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
            for (int pixel = 0; pixel < 400; pixel++) {
                image.setRGB(pixel % 20, pixel / 20, random.nextInt(1 << 24));
            }
            ImageIO.write(image, "png", images.resolve(index + ".png").toFile());
        }

        assertThat(moco("init", "my photos")).startsWith("my-photos.yaml: 32 images, without classes\n");
        Path experiment = folder.resolve("my-photos.yaml");
        Files.writeString(
                experiment,
                Files.readString(experiment)
                        .replace("epochs: 200", "epochs: 2")
                        .replace("arch: resnet18", "arch: resnet10w16"));

        assertThat(moco("run", "my-photos.yaml")).contains("pretrain          done");

        // The engine is unpacked once for the user, not for each work folder.
        assertThat(folder.resolve(".moco/reports/my-photos/report.html")).exists();
        assertThat(folder.resolve(".moco/engine")).doesNotExist();
    }
}
