package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderImagesTest {
    @TempDir
    Path folder;

    @Test
    void filesOfASmallFolderAreRepeated() throws IOException {
        write("b/2.PNG", "a/1.jpg", "a/readme.txt", "b/3.jpeg");
        FolderImages images = FolderImages.of(folder, 5);
        assertThat(images.size()).isEqualTo(5);
        assertThat(images.files()).isEqualTo(3);
        assertThat(images.classNames()).containsExactly("a", "b");
        assertThat(ids(images)).containsExactly("a/1.jpg", "b/2.PNG", "b/3.jpeg", "a/1.jpg", "b/2.PNG");
        assertThat(images.sample(4).label()).isEqualTo(1);
        assertThat(images.encoded(4)).asString().isEqualTo("b/2.PNG");
    }

    @Test
    void aSampleOfALargeFolderIsDrawn() throws IOException {
        for (int i = 0; i < 40; i++) {
            write("class/" + i + ".jpg");
        }
        FolderImages images = FolderImages.of(folder, 10);
        assertThat(images.files()).isEqualTo(10);
        assertThat(ids(images)).doesNotHaveDuplicates().hasSize(10);
    }

    private void write(String... names) throws IOException {
        for (String name : names) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, name);
        }
    }

    private static List<String> ids(FolderImages images) {
        return IntStream.range(0, images.size())
                .mapToObj(index -> images.sample(index).id())
                .toList();
    }
}
