package dev.moco.training.data.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Gives {@code moco.damaged} damaged images, 10,000 by default, to Pillow and to the decoders. The switch {@code
 * moco.verdicts=write} keeps the first of Pillow's verdicts for {@link DamagedImagesTest}.
 */
@Tag("peer")
class DamagedImagesPeerTest {
    private static final int IMAGES = Integer.getInteger("moco.damaged", 10_000);
    private static final int KEPT = 600;

    @TempDir
    Path folder;

    @Test
    void verdictsAndPixelsAreThoseOfPillow() throws Exception {
        DamagedImages images = DamagedImages.load();
        Path damaged = Files.createDirectory(folder.resolve("images"));
        for (int number = 0; number < IMAGES; number++) {
            Files.write(damaged.resolve(DamagedImages.name(number)), images.image(number));
        }
        List<String> printed = pillow(damaged);
        if ("write".equals(System.getProperty("moco.verdicts"))) {
            Files.write(Path.of("src/test/resources/damaged/verdicts.txt"), printed.subList(0, 1 + KEPT));
        }
        PillowVerdicts verdicts = new PillowVerdicts(images, printed);
        assertThat(verdicts.images()).isEqualTo(IMAGES);
        for (ImageDecoder decoder : List.of(ImageDecoder.create(), ImageDecoder.ofJdk())) {
            List<String> differences = verdicts.differences(decoder);
            assertThat(differences)
                    .as("%d of %d, of which Pillow decodes %d", differences.size(), IMAGES, verdicts.accepted())
                    .isEmpty();
        }
    }

    private List<String> pillow(Path damaged) throws IOException, InterruptedException {
        Path printed = folder.resolve("printed");
        Process process = new ProcessBuilder(
                        System.getProperty("moco.python", "python3"),
                        DamagedImages.folder().resolve("pillow_verdicts.py").toString(),
                        damaged.toString())
                .redirectOutput(printed.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.waitFor())
                .as("-Dmoco.python with " + PillowVerdicts.PILLOW)
                .isZero();
        return Files.readAllLines(printed);
    }
}
