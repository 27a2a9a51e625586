package dev.moco.operator.report;

import dev.moco.operator.crd.MoCoExperimentStatus.Summary;
import java.util.List;

/** One line as {@code kubectl get mocoexperiments -o wide} prints it, with its head. */
public final class ResultTable {
    private static final List<String> HEAD = List.of(
            "NAME",
            "STAGE",
            "PROGRESS",
            "ETA",
            "TOP1",
            "AP50",
            "AP",
            "AP75",
            "READY",
            "AGE",
            "LOSS",
            "IMG/S",
            "GPU-H",
            "VS-PAPER");

    private ResultTable() {}

    public static String of(String name, Summary summary, String age) {
        List<String> cells = List.of(
                name,
                summary.stage(),
                summary.progress(),
                summary.eta(),
                summary.top1(),
                summary.ap50(),
                summary.ap(),
                summary.ap75(),
                summary.ready(),
                age,
                summary.loss(),
                summary.imagesPerSecond(),
                summary.gpuHours(),
                summary.versusPaper());
        StringBuilder head = new StringBuilder();
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            int width = Math.max(HEAD.get(i).length(), cells.get(i).length()) + 3;
            head.append(pad(HEAD.get(i), width));
            line.append(pad(cells.get(i), width));
        }
        return head.toString().stripTrailing() + "\n" + line.toString().stripTrailing();
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
