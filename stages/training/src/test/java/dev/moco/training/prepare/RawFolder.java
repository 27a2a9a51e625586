package dev.moco.training.prepare;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes small raw data sets to a folder. */
final class RawFolder {
    private final Path root;

    RawFolder(Path root) {
        this.root = root;
    }

    RawFolder put(String path, byte[] content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        return this;
    }

    RawFolder put(String path, String content) throws IOException {
        return put(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /** An image of one gray level. */
    static byte[] image(String format, int width, int height, int brightness) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, 0x010101 * brightness);
        }
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        ImageIO.write(image, format, encoded);
        return encoded.toByteArray();
    }

    static byte[] jpeg(int brightness) throws IOException {
        return image("jpg", 12, 8, brightness);
    }

    static byte[] tar(Map<String, byte[]> files) throws IOException {
        return tar(files, Map.of());
    }

    /** @param links type flag and target by name */
    static byte[] tar(Map<String, byte[]> files, Map<String, String> links) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
            for (Map.Entry<String, String> link : new TreeMap<>(links).entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(
                        link.getKey(), (byte) link.getValue().charAt(0));
                entry.setLinkName(link.getValue().substring(2));
                tar.putArchiveEntry(entry);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    /** A VOC annotation with one object; {@code box} is xmin, ymin, xmax, ymax. */
    static String annotation(String name, String box) {
        String[] sides = box.split(",", -1);
        return """
                <annotation><size><width>99</width><height>99</height></size>
                  <object><name>%s</name><difficult>1</difficult>
                    <bndbox><xmin>%s</xmin><ymin>%s</ymin><xmax>%s</xmax><ymax>%s</ymax></bndbox>
                    <part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>
                  </object></annotation>
                """.formatted(name, sides[0], sides[1], sides[2], sides[3]);
    }
}
