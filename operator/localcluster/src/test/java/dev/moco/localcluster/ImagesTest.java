package dev.moco.localcluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.local.ImageProgram;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The programs of containers, with one registered image. */
class ImagesTest {
    private static final ImageProgram STAGES = new ImageProgram() {
        @Override
        public String image() {
            return "moco-stages";
        }

        @Override
        public List<String> command(Folders folders, List<String> arguments) {
            return List.of(folders.temporary().toString(), arguments.get(0));
        }

        @Override
        public Map<String, String> environment(Folders folders) {
            return Map.of("CACHE", folders.cache().toString());
        }
    };

    private final Images images = new Images(Path.of("/home"), Path.of("/cache"), List.of(STAGES));

    @Test
    void anImageRunsItsProgram() throws Exception {
        Images.Program program = images.program("moco-stages:0.1.0", List.of(), List.of("linear"), Path.of("/temp"));
        assertThat(program.command()).containsExactly("/temp", "linear");
        assertThat(program.environment()).containsEntry("CACHE", "/cache");
    }

    @Test
    void aCommandReplacesTheProgramOfAnyImage() throws Exception {
        assertThat(images.program("other", List.of("sh", "-c"), List.of("true"), null))
                .isEqualTo(new Images.Program(List.of("sh", "-c", "true"), Map.of()));
        assertThat(images.program("moco-stages", List.of("env"), List.of(), null))
                .isEqualTo(new Images.Program(List.of("env"), Map.of("CACHE", "/cache")));
    }

    @Test
    void anUnknownImageNeedsACommand() {
        assertThatThrownBy(() -> images.program("team/other:1", List.of(), List.of(), null))
                .isInstanceOf(ContainerNotStartable.class)
                .hasMessage(
                        "image \"team/other:1\" is not available on a process node, and the container has no command;"
                                + " images are: moco-stages");
    }

    @Test
    void anImageIsKnownByItsLastName() {
        assertThat(Images.name("registry.example:5000/team/moco-stages:0.1.0-cuda"))
                .isEqualTo("moco-stages");
        assertThat(Images.name("moco-operator@sha256:0123")).isEqualTo("moco-operator");
        assertThat(Images.name("moco-operator")).isEqualTo("moco-operator");
    }
}
