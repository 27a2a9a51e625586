package dev.moco.operator.report;

import dev.moco.operator.api.MoCoExperimentStatus.Summary;
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
        return String.join("\n", new TextTable(HEAD, List.of(cells)).lines());
    }
}
