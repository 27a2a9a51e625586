package dev.moco.operator.report;

import static dev.moco.operator.api.ConditionType.REPRODUCED;
import static dev.moco.operator.report.Conditions.condition;

import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Condition that states whether every metric of the paper is within the published spread. */
final class Reproduced {
    private Reproduced() {}

    static Condition of(ReportInput input, boolean succeeded) {
        Optional<PaperRow> row = input.paperRow();
        if (row.isEmpty()) {
            return condition(
                    REPRODUCED, ConditionStatus.UNKNOWN, "NoRowOfThePaper", MarkdownReport.noRow(input.experiment()));
        }
        String name = "row " + row.get().name();
        List<String> otherData = PaperData.differences(input);
        if (!otherData.isEmpty()) {
            return condition(
                    REPRODUCED,
                    ConditionStatus.UNKNOWN,
                    "OtherDataSet",
                    name + " on another data set: " + String.join("; ", otherData));
        }
        List<String> outside = new ArrayList<>();
        boolean any = false;
        for (ResultRow result : ResultRow.of(input)) {
            if (!result.difference().isEmpty()) {
                any = true;
                double band = result.metric().startsWith("VOC")
                        ? PaperRow.VOC_BAND
                        : row.get().top1Band();
                if (Math.abs(Double.parseDouble(result.difference())) > band + 1e-9) {
                    outside.add(result.metric() + " " + result.difference());
                }
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
