package dev.moco.training.data.loader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.JvmMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
class LargePhotosTest {
    /** A photo takes 24 MB: those of all threads at the same time would fill the heap. */
    @ParameterizedTest
    @ValueSource(strings = {"fastest", "jdk"})
    void manyThreadsWithLargePhotosStayWithinTheMemoryOfTheirStage(String decoder)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JvmMemory.of(LargePhotos.config(), LargePhotos.THREADS).flags());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true"));
        command.addAll(
                List.of("-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.addAll(List.of(LargePhotos.class.getName(), decoder));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains(LargePhotos.DONE);
    }
}
