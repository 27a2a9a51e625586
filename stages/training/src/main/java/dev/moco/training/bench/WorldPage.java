package dev.moco.training.bench;

import dev.moco.contract.PretrainConfig;
import dev.moco.contract.Termination;
import dev.moco.training.bench.Timings.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** One page of what {@code moco bench world} has measured so far, beside what is expected. */
final class WorldPage {
    private static final double MB = 1e6;
    private static final double GB = 1e9;

    private final PretrainConfig config;
    private final int threads;
    private final Map<String, Object> settings;
    private final List<WorldRun> runs;
    private final @Nullable Termination end;

    /**
     * Begins a page.
     *
     * @param settings values by the names of the options in camel case
     * @param runs what has been measured
     * @param end why nothing else was; null while the bench goes on, and when all was measured
     */
    WorldPage(
            PretrainConfig config,
            int threads,
            Map<String, Object> settings,
            List<WorldRun> runs,
            @Nullable Termination end) {
        this.config = config;
        this.threads = threads;
        this.settings = settings;
        this.runs = List.copyOf(runs);
        this.end = end;
    }

    /** Formats the page. */
    String write(BenchMain.Output output) {
        BenchReport report = new BenchReport("world", title(), settings);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (WorldRun run : runs) {
            for (WorldTimes times : run.outcome().times()) {
                Map<String, Object> row = row(run, times);
                report.line(
                        label(run, times),
                        run.part() == WorldPart.COLLECTIVES ? exchanged(row, run, times) : trained(row, run, times));
                rows.add(row);
            }
        }
        report.field("results", rows).field("device", device()).field("nccl", nccl());
        if (end != null) {
            report.field("failure", Map.of("exitCode", end.exitCode(), "message", String.valueOf(end.message())))
                    .line("ended", String.valueOf(end.message()));
        }
        return report.write(output, threads, peakRssMib());
    }

    private String title() {
        String nccl = nccl();
        return "bench world: MoCo v2, " + config.architecture().id() + ", " + config.imageSize() + " px, batch "
                + config.batchSize() + ", " + config.ranks() + (config.ranks() == 1 ? " rank" : " ranks") + ", K "
                + config.contrast().queueSize() + ", " + ComputeOptions.optionValue(config.precision())
                + (runs.isEmpty() ? "" : ", " + device())
                + (nccl == null ? "" : ", NCCL " + nccl);
    }

    private @Nullable String device() {
        return runs.isEmpty() ? null : runs.get(0).outcome().device();
    }

    private @Nullable String nccl() {
        return runs.stream()
                .map(run -> Optional.ofNullable(run.outcome().nccl()))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(null);
    }

    private long peakRssMib() {
        return runs.stream().mapToLong(run -> run.outcome().peakRssMib()).max().orElse(0);
    }

    private static Map<String, Object> row(WorldRun run, WorldTimes times) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("part", ComputeOptions.optionValue(run.part()));
        row.put("devices", run.devices());
        row.put("work", times.work());
        row.put("seconds", times.seconds());
        row.put("peakRssMib", run.outcome().peakRssMib());
        row.put("deviceMib", run.outcome().deviceMib());
        return row;
    }

    private static String label(WorldRun run, WorldTimes times) {
        return switch (run.part()) {
            case COLLECTIVES -> times.work() + " over " + run.devices();
            case STEPS -> "step on " + run.devices();
            case FILES -> "files on " + run.devices();
            case TRIALS -> run.devices() == 1 ? "trial on 1" : "trials on " + run.devices();
        };
    }

    private String exchanged(Map<String, Object> row, WorldRun run, WorldTimes times) {
        Spread rates =
                times.timings().rates(times.amount() * WorldCollectives.bytesSent(times.work(), run.devices()) / GB);
        OptionalDouble expected = model(run)
                .map(model -> model.busGigabytes(config, times.work(), run.devices()))
                .orElse(OptionalDouble.empty());
        row.put("bytes", times.amount());
        put(row, "busGigabytesPerSecond", rates);
        put(row, "expectedBusGigabytesPerSecond", expected);
        double millis = 1e3 * times.timings().spread().median();
        return BenchReport.format(times.amount() / MB) + " MB in " + BenchReport.format(millis) + " ms, "
                + BenchReport.text(rates, " GB/s") + " on the bus; expected " + text(expected);
    }

    private String trained(Map<String, Object> row, WorldRun run, WorldTimes times) {
        Spread rates = times.timings().rates((double) times.amount());
        row.put("images", times.amount());
        put(row, "imagesPerSecond", rates);
        StringBuilder text = new StringBuilder(BenchReport.text(rates, " images/s"));
        OptionalDouble alone = rateOfOneDevice(run.part());
        if (alone.isPresent() && run.devices() > 1) {
            double speedup = rates.median() / alone.getAsDouble();
            row.put("speedup", speedup);
            row.put("efficiency", speedup / run.devices());
            text.append(", ").append(BenchReport.format(speedup)).append(" times one device, ");
            text.append(BenchReport.percent(speedup / run.devices())).append(" efficiency");
        }
        Double loss = times.loss();
        if (loss != null) {
            row.put("loss", loss);
            text.append(String.format(Locale.ROOT, ", loss %.6f", loss));
        }
        Long deviceMib = run.outcome().deviceMib();
        if (deviceMib != null) {
            text.append(", ").append(deviceMib).append(" MiB of a GPU");
        }
        text.append(expected(row, run));
        Double waitShare = times.waitShare();
        if (waitShare != null) {
            text.append("; waits for data ").append(BenchReport.percent(waitShare));
            text.append(" of the time").append(expectedWait(row, run, waitShare));
        }
        return text.toString();
    }

    /** Adds and formats the rate that is expected of steps; nothing is known of trials. */
    private String expected(Map<String, Object> row, WorldRun run) {
        OptionalDouble images = run.part() == WorldPart.TRIALS
                ? OptionalDouble.empty()
                : model(run)
                        .map(model -> model.imagesPerSecond(config, run.devices()))
                        .orElse(OptionalDouble.empty());
        put(row, "expectedImagesPerSecond", images);
        return "; expected " + text(images);
    }

    private String expectedWait(Map<String, Object> row, WorldRun run, double waitShare) {
        OptionalDouble share = model(run)
                .map(model -> model.waitShare(config, run.devices(), threads))
                .orElse(OptionalDouble.empty());
        row.put("dataWaitShare", waitShare);
        put(row, "expectedDataWaitShare", share);
        return ", expected " + (share.isPresent() ? BenchReport.percent(share.getAsDouble()) : text(share));
    }

    private static Optional<WorldModel> model(WorldRun run) {
        return WorldModel.of(run.outcome().device());
    }

    private OptionalDouble rateOfOneDevice(WorldPart part) {
        return runs.stream()
                .filter(run -> run.part() == part && run.devices() == 1)
                .flatMap(run -> run.outcome().times().stream())
                .mapToDouble(
                        times -> times.timings().rates((double) times.amount()).median())
                .findFirst();
    }

    private static void put(Map<String, Object> row, String name, Spread spread) {
        row.put(name, spread.median());
        row.put(name + "Min", spread.min());
        row.put(name + "Max", spread.max());
    }

    private static void put(Map<String, Object> row, String name, OptionalDouble value) {
        row.put(name, value.isPresent() ? value.getAsDouble() : null);
    }

    private static String text(OptionalDouble value) {
        return value.isPresent() ? BenchReport.format(value.getAsDouble()) : "not known";
    }
}
