package dev.moco.operator.report;

import dev.moco.operator.api.MoCoExperimentStatus.Summary;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** One line as {@code kubectl get mocoexperiments -o wide} prints it, with its head, without its empty columns. */
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
        int[] filled = IntStream.range(0, cells.size())
                .filter(column -> !cells.get(column).isEmpty())
                .toArray();
        return String.join("\n", new TextTable(chosen(HEAD, filled), List.of(chosen(cells, filled))).lines());
    }

    private static List<String> chosen(List<String> cells, int... columns) {
        return Arrays.stream(columns).mapToObj(cells::get).toList();
    }
}
