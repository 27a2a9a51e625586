package dev.moco.training.detect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.detect.evaluate.Detection;
import java.util.ArrayList;
import java.util.List;

/**
 * Detections in an image of each process as numbers, a row each: 1 if the process was asked to stop, their number, and
 * label, score and box of each of them.
 */
@SuppressWarnings("ArrayRecordComponent") // soon read
record DetectionRows(double[] numbers, int rows, int limit) {
    private static final int HEADER = 2;
    private static final int FIELDS = 6;

    /**
     * The row of this process.
     *
     * @param limit most detections of an image
     */
    static DetectionRows of(List<Detection> detections, boolean stop, int limit) {
        double[] row = new double[HEADER + FIELDS * limit];
        row[0] = stop ? 1 : 0;
        row[1] = detections.size();
        int at = HEADER;
        for (Detection found : detections) {
            row[at++] = found.label();
            row[at++] = found.score();
            row[at++] = found.x1();
            row[at++] = found.y1();
            row[at++] = found.x2();
            row[at++] = found.y2();
        }
        return new DetectionRows(row, 1, limit);
    }

    /** The rows of all processes. */
    DetectionRows gathered(NDManager scope, Collectives collectives) {
        NDArray own = scope.create(numbers, new Shape(1, numbers.length));
        NDArray all = collectives.allGather(scope, own);
        return new DetectionRows(all.toDoubleArray(), collectives.world().size(), limit);
    }

    boolean anyStops() {
        for (int row = 0; row < rows; row++) {
            if (numbers[row * length()] != 0) {
                return true;
            }
        }
        return false;
    }

    /** Detections of each process. */
    List<List<Detection>> detections() {
        List<List<Detection>> all = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            int first = row * length() + HEADER;
            List<Detection> ofRow = new ArrayList<>();
            for (int i = 0; i < (int) numbers[first - 1]; i++) {
                int at = first + FIELDS * i;
                ofRow.add(new Detection(
                        (int) numbers[at],
                        numbers[at + 1],
                        numbers[at + 2],
                        numbers[at + 3],
                        numbers[at + 4],
                        numbers[at + 5]));
            }
            all.add(ofRow);
        }
        return all;
    }

    private int length() {
        return HEADER + FIELDS * limit;
    }
}
