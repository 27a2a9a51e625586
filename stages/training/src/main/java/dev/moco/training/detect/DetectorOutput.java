package dev.moco.training.detect;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.DetectionSamples;
import dev.moco.contract.DetectionSamples.Box;
import dev.moco.contract.DetectionSamples.DetectionSample;
import dev.moco.contract.Picture;
import dev.moco.contract.PrecisionRecallCurve;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.Sample;
import dev.moco.training.data.thumbnail.Thumbnail;
import dev.moco.training.detect.evaluate.Detection;
import dev.moco.training.detect.evaluate.Evaluation;
import dev.moco.training.detect.evaluate.TestSet;
import dev.moco.training.detect.input.DetectionImages;
import dev.moco.training.detect.model.DetectorLayout;
import dev.moco.training.detect.model.DetectorState;
import dev.moco.training.stage.StageOutput;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Writes the files of a finished trial: the detector, its detections, and curves and drawings for the report. */
final class DetectorOutput {
    /** One JSON line for each image: {@code image}, {@code detections} with {@code class}, {@code score}, {@code box}. */
    private static final String DETECTIONS = "detections.jsonl";

    private static final int SAMPLES = 8;
    private static final int LONGEST = 400;
    /** Minimum score of a detection that is shown. */
    private static final double MIN_SCORE = .5;

    private static final int MAX_BOXES = 50;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final DetectorProgress progress;

    DetectorOutput(Path folder, DetectorProgress progress) {
        this.folder = folder;
        this.progress = progress;
    }

    StageOutput write(DetectorLayout layout, DetectorState state, DetectionImages images, TestSet set)
            throws IOException {
        Evaluation evaluation = Evaluation.of(set, () -> progress.phase("scoring"));
        Path weights = folder.resolve(DetectorFile.NAME);
        DetectorFile.write(layout, state, weights);
        Path detections = folder.resolve(DETECTIONS);
        writeDetections(images, set, detections);
        Path samples = folder.resolve(Path.of(DetectionSamples.FILE).getFileName());
        Files.write(samples, CanonicalJson.bytes(samples(images, set)));
        Path curves = folder.resolve(Path.of(PrecisionRecallCurve.FILE).getFileName());
        Files.write(curves, CanonicalJson.bytes(evaluation.curves()));
        return new StageOutput(
                Map.of(DetectorFile.NAME, weights, DETECTIONS, detections),
                Map.of(DetectionSamples.FILE, samples, PrecisionRecallCurve.FILE, curves),
                evaluation.result());
    }

    private static void writeDetections(DetectionImages images, TestSet set, Path file) throws IOException {
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            for (int i = 0; i < set.detections().size(); i++) {
                ObjectNode line = JSON.createObjectNode();
                line.put("image", images.images().sample(i).id());
                ArrayNode found = line.putArray("detections");
                for (Detection detection : set.detections().get(i)) {
                    ObjectNode node = found.addObject();
                    node.put("class", set.classNames().get(detection.label()));
                    node.put("score", (float) detection.score());
                    ArrayNode box = node.putArray("box");
                    for (double corner : List.of(detection.x1(), detection.y1(), detection.x2(), detection.y2())) {
                        box.add((float) corner);
                    }
                }
                lines.write(JSON.writeValueAsString(line));
                lines.write('\n');
            }
        }
    }

    /** The first images of the set with their objects and the certain detections. */
    private static DetectionSamples samples(DetectionImages images, TestSet set) {
        List<DetectionSample> samples = new ArrayList<>();
        for (int i = 0; i < Math.min(SAMPLES, set.detections().size()); i++) {
            int index = i;
            samples.add(images.useUpright(i, image -> sample(images, set, index, image)));
        }
        return new DetectionSamples(samples);
    }

    private static DetectionSample sample(DetectionImages images, TestSet set, int index, RgbImage image) {
        Picture picture = Thumbnail.of(images.images().sample(index).id(), image, LONGEST);
        double scale = (double) picture.width() / image.width();
        List<Box> truths = new ArrayList<>();
        for (Sample.GroundTruth truth : set.truths().get(index)) {
            truths.add(
                    box(set.classNames().get(truth.label()), 1, scale, truth.x1(), truth.y1(), truth.x2(), truth.y2()));
        }
        List<Box> found = set.detections().get(index).stream()
                .filter(detection -> detection.score() >= MIN_SCORE)
                .sorted(Comparator.comparingDouble(Detection::score).reversed())
                .limit(MAX_BOXES)
                .map(detection -> box(
                        set.classNames().get(detection.label()),
                        detection.score(),
                        scale,
                        detection.x1(),
                        detection.y1(),
                        detection.x2(),
                        detection.y2()))
                .toList();
        return new DetectionSample(picture, truths.subList(0, Math.min(MAX_BOXES, truths.size())), found);
    }

    private static Box box(String name, double score, double scale, double x1, double y1, double x2, double y2) {
        return new Box(name, score, scale * x1, scale * y1, scale * x2, scale * y2);
    }
}
