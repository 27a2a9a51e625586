package dev.moco.training.detect;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.PrecisionRecallCurve;
import dev.moco.training.data.RgbImage;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes the files of a finished trial: the detector, its detections, and curves and drawings for the report. */
final class DetectorOutput {
    /** One JSON line for each image: {@code image}, {@code detections} with {@code class}, {@code score}, {@code box}. */
    private static final String DETECTIONS = "detections.jsonl";

    private static final int DRAWINGS = 8;
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
        Map<String, Path> logs = new LinkedHashMap<>(draw(images, set));
        Path curves = folder.resolve(Path.of(PrecisionRecallCurve.FILE).getFileName());
        Files.write(curves, CanonicalJson.bytes(evaluation.curves()));
        logs.put(PrecisionRecallCurve.FILE, curves);
        return new StageOutput(Map.of(DetectorFile.NAME, weights, DETECTIONS, detections), logs, evaluation.result());
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

    /** Draws the first images of the set; returns the files by their paths in the artifact. */
    private Map<String, Path> draw(DetectionImages images, TestSet set) throws IOException {
        Map<String, Path> drawings = new LinkedHashMap<>();
        for (int i = 0; i < Math.min(DRAWINGS, set.detections().size()); i++) {
            String name = String.format(Locale.ROOT, "%02d.png", i);
            Path png = folder.resolve(name);
            RgbImage upright = images.useUpright(i, image -> image);
            DetectionDrawing.write(
                    upright, set.truths().get(i), set.detections().get(i), png);
            drawings.put("logs/detections/" + name, png);
        }
        return drawings;
    }
}
