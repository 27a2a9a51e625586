package dev.moco.operator.report;

import static dev.moco.operator.api.ConditionType.REPRODUCED;
import static dev.moco.operator.report.Conditions.condition;

import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Condition that states whether every metric of the paper's row is within the published spread. It is never true on other
 * data, with weights of unknown origin, or with another evaluation than the row's.
 */
public final class Reproduced {
    /** Reason of an experiment on other data than the paper's. */
    public static final String OTHER_DATA = "OtherDataSet";

    private static final String OTHER_PROTOCOL = "OtherProtocol";
    private static final String NO_ROW = "NoRowOfThePaper";

    /** Reasons whose message names what is not the paper's. */
    public static final Set<String> SAYS_WHAT_DIFFERS = Set.of(OTHER_DATA, OTHER_PROTOCOL, NO_ROW);

    private Reproduced() {}

    static Condition of(ReportInput input, boolean succeeded) {
        Optional<PaperRow> row = input.paperRow();
        if (row.isEmpty()) {
            return condition(REPRODUCED, ConditionStatus.UNKNOWN, NO_ROW, MarkdownReport.noRow(input.experiment()));
        }
        String name = "row " + row.get().name();
        List<String> otherData = PaperData.differences(input);
        List<String> protocol = Protocol.differences(input.experiment(), row.get());
        if (!otherData.isEmpty()) {
            List<String> both =
                    Stream.concat(otherData.stream(), protocol.stream()).toList();
            return condition(
                    REPRODUCED,
                    ConditionStatus.UNKNOWN,
                    OTHER_DATA,
                    name + " on another data set: " + String.join("; ", both));
        }
        if (!protocol.isEmpty()) {
            return condition(
                    REPRODUCED,
                    ConditionStatus.UNKNOWN,
                    OTHER_PROTOCOL,
                    name + " with another evaluation: " + String.join("; ", protocol));
        }
        if (row.get().top1() == null && row.get().voc() == null) {
            return condition(REPRODUCED, ConditionStatus.UNKNOWN, "NoPublishedResult", name);
        }
        List<String> outside = new ArrayList<>();
        boolean any = false;
        for (ResultRow result : ResultRow.of(input)) {
            any |= result.significance() != Significance.NONE;
            if (result.significance() == Significance.OUTSIDE) {
                outside.add(result.metric() + " " + result.difference());
            }
        }
        if (!any) {
            return condition(REPRODUCED, ConditionStatus.UNKNOWN, "NoResultYet", name);
        }
        // The paper reports the probe and the mean over all trials; part of them is not compared.
        if (!succeeded) {
            return condition(REPRODUCED, ConditionStatus.UNKNOWN, "NotEveryResult", name);
        }
        return outside.isEmpty()
                ? condition(REPRODUCED, ConditionStatus.TRUE, "WithinPublishedSpread", name)
                : condition(REPRODUCED, ConditionStatus.FALSE, "OutsidePublishedSpread", String.join(", ", outside));
    }
}
