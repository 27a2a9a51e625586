package dev.moco.operator.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hours and cost of the stages of a plan whose times are known.
 *
 * @param hours hours of this machine, one stage after another
 * @param gpuHours hours of its GPUs; null without one
 * @param price price of an hour of one GPU, or of the machine without one; null if it was not given
 * @param cost hours times price; null without it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PlanCost(
        double hours,
        @Nullable Double gpuHours,
        @Nullable Double price,
        @Nullable Double cost) {
    private static final int SECONDS = 3600;

    static PlanCost of(List<PlanLine> lines, @Nullable Double price) {
        double hours = lines.stream()
                        .map(PlanLine::seconds)
                        .filter(Objects::nonNull)
                        .mapToDouble(seconds -> seconds)
                        .sum()
                / SECONDS;
        double gpuHours = lines.stream()
                .map(PlanLine::gpuHours)
                .filter(Objects::nonNull)
                .mapToDouble(known -> known)
                .sum();
        return new PlanCost(
                hours,
                gpuHours > 0 ? (Double) gpuHours : null,
                price,
                price == null ? null : (Double) (price * (gpuHours > 0 ? gpuHours : hours)));
    }

    /** {@code That is 25.6 GPU-hours, 64.00 at 2.50 each.}; empty where there is nothing to say. */
    Optional<String> text() {
        Double known = gpuHours;
        String amount = known != null
                ? String.format(Locale.ROOT, "%.1f GPU-hours", known)
                : String.format(Locale.ROOT, "%.1f hours of this machine", hours);
        if (hours == 0 || (known == null && cost == null)) {
            return Optional.empty();
        }
        return Optional.of("That is " + amount
                + (cost == null ? "" : String.format(Locale.ROOT, ", %.2f at %.2f each", cost, price)) + ".");
    }
}
