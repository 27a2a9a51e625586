package dev.moco.training.detect.evaluate;

import dev.moco.contract.PrecisionRecallCurve;
import dev.moco.contract.StageResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Average precision (AP) on a test set by three evaluators, in percent. The means leave out classes without a counted
 * object.
 *
 * @param result average precision, over all classes and for each
 * @param curves precision over recall of each class at an IoU of .5, with VOC's matching
 */
public record Evaluation(StageResult.Detected result, List<PrecisionRecallCurve> curves) {
    /** IoU thresholds .50, .55, ... .95; as doubles, equal to VOC's integer percentages and to numpy's linspace. */
    private static final double[] THRESHOLDS =
            IntStream.range(0, 10).mapToDouble(i -> (50 + 5 * i) / 100.0).toArray();

    /** Index of the threshold .75. */
    private static final int AT_75 = 5;

    /** Maximum number of points of a curve, without its last, for the report. */
    private static final int CURVE_POINTS = 200;

    public Evaluation {
        curves = List.copyOf(curves);
    }

    /**
     * Evaluates detections.
     *
     * @param classDone called after each class
     */
    public static Evaluation of(TestSet set, Runnable classDone) {
        List<double[]> voc07 = new ArrayList<>();
        List<double[]> area = new ArrayList<>();
        List<double[]> coco = new ArrayList<>();
        List<StageResult.ClassAveragePrecision> classes = new ArrayList<>();
        List<PrecisionRecallCurve> curves = new ArrayList<>();
        for (int label = 0; label < set.classNames().size(); label++) {
            String name = set.classNames().get(label);
            if (set.counted(label) == 0) {
                classes.add(new StageResult.ClassAveragePrecision(name, null, null, null));
                continue;
            }
            VocMatching matching = new VocMatching(set, label);
            List<PrecisionRecall> voc =
                    Arrays.stream(THRESHOLDS).mapToObj(matching::at).toList();
            int ofClass = label;
            List<PrecisionRecall> cocoCurves = Arrays.stream(THRESHOLDS)
                    .mapToObj(threshold -> CocoMatching.at(set, ofClass, threshold))
                    .toList();
            voc07.add(percent(voc, PrecisionRecall::elevenPoints));
            area.add(percent(voc, PrecisionRecall::area));
            coco.add(percent(cocoCurves, PrecisionRecall::hundredAndOnePoints));
            StageResult.AveragePrecision precisions = means(voc07.subList(voc07.size() - 1, voc07.size()));
            classes.add(
                    new StageResult.ClassAveragePrecision(name, precisions.ap50(), precisions.ap(), precisions.ap75()));
            curves.add(curve(name, voc.get(0)));
            classDone.run();
        }
        return new Evaluation(new StageResult.Detected(means(voc07), means(area), means(coco), classes), curves);
    }

    private static double[] percent(List<PrecisionRecall> curves, ToDoubleFunction<PrecisionRecall> precision) {
        return curves.stream().mapToDouble(precision).map(ap -> 100 * ap).toArray();
    }

    /** Means over classes of their AP at each threshold. */
    private static StageResult.AveragePrecision means(List<double[]> classes) {
        return new StageResult.AveragePrecision(
                mean(classes, ofClass -> ofClass[0]),
                mean(classes, ofClass -> DoubleStream.of(ofClass).average().orElse(0)),
                mean(classes, ofClass -> ofClass[AT_75]));
    }

    private static double mean(List<double[]> classes, ToDoubleFunction<double[]> value) {
        return classes.stream().mapToDouble(value).average().orElse(0);
    }

    /** Thins a curve to the points that the report shows; the last point is always kept. */
    private static PrecisionRecallCurve curve(String name, PrecisionRecall curve) {
        int length = curve.recall().length;
        int stride = Math.max(1, (length + CURVE_POINTS - 1) / CURVE_POINTS);
        List<Double> recall = new ArrayList<>();
        List<Double> precision = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            if (i % stride == 0 || i == length - 1) {
                recall.add(curve.recall()[i]);
                precision.add(curve.precision()[i]);
            }
        }
        return new PrecisionRecallCurve(name, recall, precision);
    }
}
