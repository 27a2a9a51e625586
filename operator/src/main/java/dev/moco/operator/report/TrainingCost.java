package dev.moco.operator.report;

import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.contract.StepCost;
import dev.moco.contract.Table3;
import dev.moco.contract.Task;
import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cost of a pre-training in the terms of the paper's Table 3.
 *
 * @param cost measured cost of its steps
 * @param config the pre-training
 * @param whole true if its steps are all of 200 epochs of the paper's data, so that its time is measured, not projected
 */
public record TrainingCost(StepCost cost, PretrainConfig config, boolean whole) {
    /** Metric: the largest memory of a GPU that live tensors take, GiB. */
    public static final String ALLOCATED = "pretrain.gpu.memory.allocated";
    /** Metric: the largest memory of a GPU that was in use, GiB. */
    public static final String IN_USE = "pretrain.gpu.memory.used";
    /** Metric: the time of 200 epochs, measured, hours. */
    public static final String HOURS = "pretrain.200epochs.measured";
    /** Metric: the time of 200 epochs, projected from the median step, hours. */
    public static final String HOURS_PROJECTED = "pretrain.200epochs.projected";
    /** Name of devices, precision and batch in a status. */
    public static final String CONDITIONS = "Measured on";

    private static final String CPU = "CPU";
    private static final double GIB = 1L << 30;
    private static final int SECONDS = 3600;

    /** Cost of a committed pre-training; empty for none, and before costs were measured. */
    static Optional<TrainingCost> of(ReportInput input) {
        return ResultRow.result(input.pretrain(), Pretrained.class)
                .map(Pretrained::cost)
                .filter(cost -> cost.steps() > 0)
                .flatMap(cost -> input.experiment().pretrain().map(config -> {
                    boolean papers = config.epochs() == Table3.EPOCHS && images(input) == Table3.IMAGES;
                    long steps = config.epochs() * config.stepsPerEpoch(Table3.IMAGES);
                    return new TrainingCost(cost, config, papers && cost.steps() == steps);
                }));
    }

    private static long images(ReportInput input) {
        return ResultRow.result(input.run(Task.PREPARE_IMAGENET), Prepared.class)
                .map(Prepared::trainImages)
                .orElse(0L);
    }

    /** True if it may stand in the paper's table, which is about GPUs. */
    public boolean onGpu() {
        return !cost.device().equals(CPU);
    }

    /** Bytes that live tensors take at most, of the GPU that has most; where they are unknown, all that was in use. */
    private @Nullable Long gpuBytes() {
        return cost.memoryAllocatedPeak() != null ? cost.memoryAllocatedPeak() : cost.memoryReservedPeak();
    }

    /** Hours of 200 epochs: measured if {@link #whole}, else projected from the median step. */
    public double hours() {
        return whole
                ? cost.seconds() / SECONDS
                : Table3.Time.projected(config.batchSize(), cost.stepSeconds()).hours();
    }

    /** Its part in the paper's table; empty on the CPU. */
    Optional<TableCost> inTable() {
        return onGpu()
                ? Optional.of(new TableCost(
                        config,
                        gpuBytes() == null ? null : (Double) (gpuBytes() / GIB),
                        cost.memoryAllocatedPeak() == null,
                        hours(),
                        !whole,
                        conditions()))
                : Optional.empty();
    }

    /** Its numbers, each with its unit. */
    List<ResultRow> rows() {
        List<ResultRow> rows = new ArrayList<>();
        if (onGpu()) {
            rows.add(memory("Memory of a GPU, allocated at most", ALLOCATED, cost.memoryAllocatedPeak()));
            rows.add(memory("Memory of a GPU, in use at most", IN_USE, cost.memoryReservedPeak()));
            rows.add(row("Time of 200 epochs", hoursText(), whole ? HOURS : HOURS_PROJECTED, hours(), "h"));
        }
        rows.add(memory("Resident memory of a process at most", "pretrain.memory", cost.memoryProcess()));
        rows.add(row(
                "Time of a step",
                number("%.3f s", cost.stepSeconds()),
                "pretrain.step.seconds",
                cost.stepSeconds(),
                "s"));
        double rate = config.batchSize() / Math.max(1e-9, cost.stepSeconds());
        rows.add(row("Images/s", number("%.0f", rate), "pretrain.images.rate", rate, "1/s"));
        double wait = 100 * cost.loaderWaitShare();
        rows.add(row("Share of waiting for images", number("%.0f %%", wait), "pretrain.data.wait", wait, "%"));
        rows.add(ResultRow.cost(CONDITIONS, conditions(), null));
        return rows;
    }

    private static ResultRow row(String metric, String text, String name, double value, String unit) {
        return ResultRow.cost(metric, text, Metric.of(name, value, unit));
    }

    private static ResultRow memory(String metric, String name, @Nullable Long bytes) {
        return bytes == null
                ? ResultRow.cost(metric, "unknown", null)
                : row(metric, number("%.1f GiB", bytes / GIB), name, bytes / GIB, "GiB");
    }

    /** Such as {@code 53.0 h} or {@code 53.0 h, projected from 40 steps}. */
    private String hoursText() {
        return number("%.1f h", hours()) + (whole ? "" : ", projected from " + cost.steps() + " steps");
    }

    /** Devices, precision and batch. */
    public String conditions() {
        return cost.devices() + " x " + cost.device() + ", "
                + config.precision().name().toLowerCase(Locale.ROOT) + ", batch " + config.batchSize();
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
