package dev.moco.operator.report;

import dev.moco.contract.Experiment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Fields in which linear classification and detection of an experiment are not those of a row of the paper. */
final class Protocol {
    private Protocol() {}

    /** Differences of both, as far as the experiment has them and the row has numbers. */
    static List<String> differences(Experiment experiment, PaperRow row) {
        return Stream.concat(ofLinear(experiment, row).stream(), ofDetection(experiment, row).stream())
                .toList();
    }

    static List<String> ofLinear(Experiment experiment, PaperRow row) {
        List<String> differences = new ArrayList<>();
        experiment
                .linear()
                .ifPresent(own -> row.linear()
                        .ifPresent(theirs -> PaperTables.differences(own.config(), theirs)
                                .forEach(field -> differences.add("linear " + field))));
        return differences;
    }

    static List<String> ofDetection(Experiment experiment, PaperRow row) {
        List<String> differences = new ArrayList<>();
        if (row.voc() != null) {
            experiment
                    .detection()
                    .ifPresent(own -> PaperTables.differences(own.config())
                            .forEach(field -> differences.add("detection " + field)));
        }
        return differences;
    }
}
