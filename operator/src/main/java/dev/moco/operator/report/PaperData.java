package dev.moco.operator.report;

import dev.moco.contract.StageResult.Prepared;
import dev.moco.contract.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The paper's data sets: ILSVRC 2012, and trainval of VOC 2007 and 2012 with the test images of 2007. */
final class PaperData {
    private static final List<Size> PAPER = List.of(
            new Size(Task.PREPARE_IMAGENET, 1_281_167, 50_000, 1000), new Size(Task.PREPARE_VOC, 16_551, 4952, 20));

    private record Size(String task, long train, long heldOut, int classes) {}

    private PaperData() {}

    /** Data sets that do not have the size of the paper's, each as a text. */
    static List<String> differences(ReportInput input) {
        List<String> differences = new ArrayList<>();
        for (ReportInput.Run run : input.runs()) {
            for (Size paper : PAPER) {
                if (paper.task().equals(run.task())
                        && run.manifest().result() instanceof Prepared own
                        && (own.trainImages() != paper.train()
                                || own.validationImages() != paper.heldOut()
                                || own.classes() != paper.classes())) {
                    differences.add(String.format(
                            Locale.ROOT,
                            "%s has %,d training and %,d held-out images of %,d classes%s, the paper's data set %,d, %,d"
                                    + " and %,d",
                            run.task(),
                            own.trainImages(),
                            own.validationImages(),
                            own.classes(),
                            own.skipped() > 0
                                    ? String.format(Locale.ROOT, " (%,d bad ones skipped)", own.skipped())
                                    : "",
                            paper.train(),
                            paper.heldOut(),
                            paper.classes()));
                }
            }
        }
        return differences;
    }

    /** Counts of a prepared data set. */
    static String counts(Prepared data) {
        List<String> counts = new ArrayList<>();
        counts.add(count(data.trainImages(), "training images"));
        counts.add(count(data.validationImages(), "held-out images"));
        counts.add(count(data.classes(), "classes"));
        if (data.objects() > 0) {
            counts.add(count(data.objects(), "objects"));
        }
        counts.add(count(data.skipped(), "bad images skipped"));
        counts.add(count(data.warned().count(), "with a warning of the decoder"));
        counts.add(count(data.clipped().count(), "with clipped boxes"));
        return String.join(", ", counts);
    }

    private static String count(long count, String what) {
        return String.format(Locale.ROOT, "%,d %s", count, what);
    }
}
