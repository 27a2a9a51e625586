package dev.moco.training.data.shards;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.training.data.Sample;
import dev.moco.training.data.Sample.GroundTruth;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** Small generated data sets in shards for tests. */
public final class TinyDataset {
    private static final int SHARD_IMAGES = 16;
    private static final List<Color> COLORS = List.of(Color.RED, Color.GREEN, Color.BLUE, Color.YELLOW);

    private TinyDataset() {}

    /** Writes square PNGs, each with one disc in the color of its class (at most four classes) on gray noise. */
    public static ArtifactReader classification(Path folder, int train, int validation, int classes, int side)
            throws IOException {
        DatasetWriter writer = new DatasetWriter(folder);
        write(folder, writer, Split.TRAIN, train, classes, side, false);
        write(folder, writer, Split.VALIDATION, validation, classes, side, false);
        return finish(folder, writer, Dataset.IMAGENET, classes);
    }

    /** Writes the same images as a detection set, in which the disc is the only object. */
    public static ArtifactReader detection(Path folder, int train, int test, int classes, int side) throws IOException {
        DatasetWriter writer = new DatasetWriter(folder);
        write(folder, writer, Split.TRAIN, train, classes, side, true);
        write(folder, writer, Split.TEST, test, classes, side, true);
        return finish(folder, writer, Dataset.VOC, classes);
    }

    private static ArtifactReader finish(Path folder, DatasetWriter writer, Dataset dataset, int classes)
            throws IOException {
        List<String> names = new ArrayList<>();
        for (int label = 0; label < classes; label++) {
            names.add("class" + label);
        }
        writer.finish(new PrepareConfig(dataset, "", OnBadImage.FAIL, names, SHARD_IMAGES, 0), names);
        return new FolderArtifact(folder);
    }

    private static void write(
            Path folder, DatasetWriter writer, Split split, int count, int classes, int side, boolean boxes)
            throws IOException {
        Random random = new Random(split.id().hashCode());
        List<DatasetIndex.Shard> shards = new ArrayList<>();
        for (int first = 0; first < count; first += SHARD_IMAGES) {
            try (ShardWriter shard = new ShardWriter(folder, split, shards.size())) {
                for (int i = first; i < Math.min(count, first + SHARD_IMAGES); i++) {
                    int label = i % classes;
                    int size = side / 4 + random.nextInt(side / 4);
                    int x = random.nextInt(side - size);
                    int y = random.nextInt(side - size);
                    List<GroundTruth> objects =
                            boxes ? List.of(new GroundTruth(label, x, y, x + size, y + size, false)) : List.of();
                    Sample sample = new Sample(split.id() + i, side, side, boxes ? -1 : label, objects);
                    shard.add(i, sample, disc(random, side, x, y, size, COLORS.get(label)));
                }
                shards.add(shard.finish());
            }
        }
        writer.add(split, shards);
    }

    private static byte[] disc(Random random, int side, int x, int y, int size, Color color) throws IOException {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            image.setRGB(i % side, i / side, 0x010101 * (96 + random.nextInt(64)));
        }
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(color);
        graphics.fillOval(x, y, size, size);
        graphics.dispose();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }
}
