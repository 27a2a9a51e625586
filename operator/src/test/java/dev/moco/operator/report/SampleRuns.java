package dev.moco.operator.report;

import dev.moco.contract.DetectionSamples;
import dev.moco.contract.DetectionSamples.Box;
import dev.moco.contract.DetectionSamples.DetectionSample;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Picture;
import dev.moco.contract.ValidationSamples;
import dev.moco.contract.ValidationSamples.ClassCount;
import dev.moco.contract.ValidationSamples.Confusion;
import dev.moco.contract.ValidationSamples.Neighbor;
import dev.moco.contract.ValidationSamples.Neighbors;
import dev.moco.contract.ValidationSamples.Point;
import dev.moco.contract.ViewSamples;
import dev.moco.contract.ViewSamples.ViewSample;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** An experiment with everything that a report can show, for tests that look at the page. */
final class SampleRuns {
    private static final List<String> CLASSES =
            List.of("airplane", "bicycle", "bird", "cat", "dog", "frog", "horse", "ship", "train", "truck");

    private SampleRuns() {}

    static ReportInput whole() throws IOException {
        ReportInput plain = TestRuns.input();
        List<ReportInput.Run> runs = new ArrayList<>();
        for (ReportInput.Run run : plain.runs()) {
            ReportInput.Samples samples = switch (run.task()) {
                case "pretrain" -> ReportInput.Samples.NONE.withViews(views());
                case "linear" -> ReportInput.Samples.NONE.withValidation(validation());
                case "detect-0" -> ReportInput.Samples.NONE.withDetections(detections());
                default -> ReportInput.Samples.NONE;
            };
            runs.add(new ReportInput.Run(
                    run.task(), run.manifest(), history(run), run.curves(), samples, run.missing()));
        }
        return new ReportInput(
                plain.experiment(),
                runs,
                List.of(new ReportInput.Failure(
                        "detect-2",
                        "bad data: image 2007_000027 of voc/VOCtrainval_11-May-2012.tar is cut off at byte 4,096")));
    }

    /** With rates, as stages report them. */
    private static List<HistoryPoint> history(ReportInput.Run run) {
        List<HistoryPoint> history = new ArrayList<>();
        for (HistoryPoint point : run.history()) {
            Map<String, Double> values = new HashMap<>(point.values());
            if (values.containsKey("loss")) {
                values.put("learningRate", 0.015 * (1 + Math.cos(Math.PI * point.step() / 4000)));
                values.put("imagesPerSecond", 1300 + 40 * Math.sin((double) point.step()));
                values.put("dataWaitShare", 0.02 + 0.01 * Math.cos((double) point.step()));
            }
            history.add(new HistoryPoint(point.epoch(), point.step(), values));
        }
        return history;
    }

    private static ViewSamples views() throws IOException {
        List<ViewSample> samples = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            List<Picture> views = new ArrayList<>();
            for (int view = 0; view < 6; view++) {
                views.add(picture("", 112, 112, 7 * i + view));
            }
            samples.add(new ViewSample(picture(CLASSES.get(i), 128, 96, 7 * i), views));
        }
        return new ViewSamples(samples);
    }

    private static ValidationSamples validation() throws IOException {
        List<ClassCount> classes = new ArrayList<>();
        List<Confusion> confusions = new ArrayList<>();
        List<Neighbors> neighbors = new ArrayList<>();
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < CLASSES.size(); i++) {
            long wrong = 5 + 4L * i;
            classes.add(new ClassCount(CLASSES.get(i), 100, 100 - wrong));
            confusions.add(new Confusion(CLASSES.get(i), CLASSES.get((i + 1) % CLASSES.size()), wrong));
            for (int k = 0; k < 20; k++) {
                double angle = i + k;
                points.add(new Point(
                        CLASSES.get(i), Math.cos(i) + 0.2 * Math.cos(angle * k), Math.sin(i) + 0.2 * Math.sin(k)));
            }
        }
        for (int i = 0; i < 3; i++) {
            List<Neighbor> nearest = new ArrayList<>();
            for (int k = 0; k < 5; k++) {
                nearest.add(new Neighbor(picture(CLASSES.get(k == 4 ? i + 1 : i), 96, 96, 9 * i + k), 0.97 - 0.02 * k));
            }
            neighbors.add(new Neighbors(picture(CLASSES.get(i), 96, 96, 9 * i), nearest));
        }
        return new ValidationSamples(classes, confusions, neighbors, points);
    }

    private static DetectionSamples detections() throws IOException {
        List<DetectionSample> samples = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            samples.add(new DetectionSample(
                    picture("00000" + i, 400, i == 1 ? 533 : 300, i),
                    List.of(new Box("dog", 1, 40, 50, 220, 260), new Box("cat", 1, 250, 90, 380, 250)),
                    i == 3
                            ? List.of()
                            : List.of(
                                    new Box("dog", 0.98, 36, 55, 215, 262),
                                    new Box("cat", 0.71, 245, 80, 390, 255),
                                    new Box("cat", 0.52, 2, 2, 120, 90))));
        }
        return new DetectionSamples(samples);
    }

    private static Picture picture(String label, int width, int height, int hue) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setPaint(new GradientPaint(
                0,
                0,
                Color.getHSBColor(hue * 0.09f, 0.5f, 0.9f),
                width,
                height,
                Color.getHSBColor(hue * 0.09f + 0.3f, 0.7f, 0.4f)));
        graphics.fillRect(0, 0, width, height);
        graphics.setPaint(Color.getHSBColor(hue * 0.17f, 0.8f, 0.6f));
        IntStream.range(0, 3)
                .forEach(i -> graphics.fillOval(width * (i + 1) / 6, height * (i + 1) / 7, width / 4, height / 3));
        graphics.dispose();
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", jpeg);
        return new Picture(label, width, height, jpeg.toByteArray());
    }
}
