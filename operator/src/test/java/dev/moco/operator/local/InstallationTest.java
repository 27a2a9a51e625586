package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationTest {
    @TempDir
    Path home;

    private void program(String lib) throws IOException {
        Files.createDirectories(home.resolve(lib));
        Files.writeString(home.resolve(lib).resolve("moco-training.classpath"), "lib/a.jar:lib/b.jar\n");
    }

    @Test
    void aReleaseHasItsJarsBesideTheLauncher() throws IOException {
        program("lib");
        assertThat(new Installation(home).classPath("moco-training"))
                .isEqualTo("%1$s/lib/moco-training.jar:%1$s/lib/a.jar:%1$s/lib/b.jar".formatted(home));
    }

    @Test
    void aCheckoutHasThemInItsTarget() throws IOException {
        Files.createFile(home.resolve("pom.xml"));
        program("target/lib");
        assertThat(new Installation(home).classPath("moco-training"))
                .isEqualTo("%1$s/target/lib/moco-training.jar:%1$s/target/lib/a.jar:%1$s/target/lib/b.jar"
                        .formatted(home));
    }

    @Test
    void aMissingProgramIsNamed() {
        assertThatThrownBy(() -> new Installation(home).classPath("moco-training"))
                .isInstanceOf(StageFailure.class)
                .hasMessageStartingWith("no program moco-training in " + home.resolve("lib"));
    }
}
