package dev.moco.operator.local;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;

/** Two tiny data sets drawn by seed, and an experiment that takes seconds. */
public final class TinyData {
    private static final int WIDTH = 64;
    private static final int HEIGHT = 48;

    private TinyData() {}

    /** 2 classes of 32 training and 8 validation images; 8 training and 4 test scenes with one object each. */
    public static Path write(Path folder) throws IOException {
        Random random = new Random(5);
        for (String name : new String[] {"disc", "square"}) {
            for (int i = 0; i < 40; i++) {
                Path file = folder.resolve("imagenet/" + (i < 32 ? "train/" : "val/") + name + "/" + i + ".jpg");
                write(file, picture(32, 32, name, 8, 8, 8 + random.nextInt(10), random));
            }
        }
        Path voc = folder.resolve("voc/VOCdevkit/VOC2007");
        StringBuilder trainval = new StringBuilder();
        StringBuilder test = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            int side = 14 + random.nextInt(10);
            int x = random.nextInt(WIDTH - side);
            int y = random.nextInt(HEIGHT - side);
            String name = i % 2 == 0 ? "disc" : "square";
            write(voc.resolve("JPEGImages/" + i + ".jpg"), picture(WIDTH, HEIGHT, name, x, y, side, random));
            annotate(voc, i, name, x + 1, y + 1, x + side, y + side);
            (i < 8 ? trainval : test).append(i).append('\n');
        }
        Files.createDirectories(voc.resolve("ImageSets/Main"));
        Files.writeString(voc.resolve("ImageSets/Main/trainval.txt"), trainval);
        Files.writeString(voc.resolve("ImageSets/Main/test.txt"), test);
        return folder;
    }

    static void annotate(Path voc, int image, String name, int xmin, int ymin, int xmax, int ymax) throws IOException {
        Files.createDirectories(voc.resolve("Annotations"));
        Files.writeString(voc.resolve("Annotations/" + image + ".xml"), """
                <annotation><filename>%d.jpg</filename>
                <size><width>%d</width><height>%d</height><depth>3</depth></size>
                <object><name>%s</name><difficult>0</difficult>
                <bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox></object></annotation>
                """.formatted(
                        image, WIDTH, HEIGHT, name, xmin, ymin, xmax, ymax));
    }

    private static BufferedImage picture(int width, int height, String name, int x, int y, int side, Random random) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(random.nextInt(90), random.nextInt(90), random.nextInt(90)));
        graphics.fillRect(0, 0, width, height);
        graphics.setColor(new Color(200, 120 + random.nextInt(120), 120 + random.nextInt(120)));
        if (name.equals("disc")) {
            graphics.fillOval(x, y, side, side);
        } else {
            graphics.fillRect(x, y, side, side);
        }
        graphics.dispose();
        return image;
    }

    private static void write(Path file, BufferedImage image) throws IOException {
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "jpg", file.toFile());
    }

    /** The experiment beside the data; {@code pretrainEpochs} of 4 steps. */
    public static Path experiment(Path folder, int pretrainEpochs, int linearEpochs, String storage)
            throws IOException {
        Path file = folder.resolve("experiment.yaml");
        Files.writeString(file, """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: tiny}
                spec:
                  data: {imagenet: imagenet, voc: voc, vocClasses: [disc, square], shardImages: 16}
                  pretrain:
                    {arch: resnet10w16, imageSize: 32, epochs: %d, batchSize: 16, ranks: 2, queueSize: 32, dim: 16,
                     knn: {everyEpochs: 1, neighbors: 5}}
                  linear: {epochs: %d, batchSize: 16, learningRate: 1, schedule: Cosine}
                  detection:
                    {trials: 1, iterations: 6, batchSize: 2, ranks: 1, milestones: [4], warmupIterations: 2,
                     trainSizes: [48], testSize: 48, maxSize: 80, anchorSizes: [16, 24], anchorsPerImage: 16,
                     trainProposalsBeforeNms: 60, trainProposals: 20, testProposalsBeforeNms: 60, testProposals: 20,
                     regionsPerImage: 8, poolerSize: 4, preciseBnIterations: 1}
                %s
                """.formatted(pretrainEpochs, linearEpochs, storage));
        return file;
    }
}
