package dev.moco.training.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.training.bench.Timings.Spread;
import dev.moco.training.stage.Machine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a bench found: every figure by its name, and the lines that people read. */
final class BenchReport {
    private final Map<String, Object> fields = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final Map<String, Object> settings;

    /**
     * Begins a report.
     *
     * @param title what was measured, in words
     * @param settings by the names of the options
     */
    BenchReport(String bench, String title, Map<String, Object> settings) {
        this.settings = settings;
        fields.put("bench", bench);
        lines.add(title);
    }

    /** Repetitions that each work on this many images. */
    BenchReport images(double images, Timings timings) {
        spread("imagesPerSecond", timings.rates(images));
        return seconds(timings);
    }

    /** Repetitions of anything. */
    BenchReport seconds(Timings timings) {
        fields.put("stepSeconds", timings.seconds());
        spread("stepSecondsMedian", "stepSeconds", timings.spread());
        return this;
    }

    /** A figure: its median under its name, the others with Min and Max after it. */
    BenchReport spread(String name, Spread spread) {
        return spread(name, name, spread);
    }

    private BenchReport spread(String median, String name, Spread spread) {
        fields.put(median, spread.median());
        fields.put(name + "Min", spread.min());
        fields.put(name + "Max", spread.max());
        return this;
    }

    BenchReport field(String name, Object value) {
        fields.put(name, value);
        return this;
    }

    BenchReport line(String label, String text) {
        lines.add(String.format(Locale.ROOT, "  %-16s %s", label, text));
        return this;
    }

    /** Median, and where the others lie. */
    static String text(Spread spread, String unit) {
        return figure(spread.median()) + unit + " (" + figure(spread.min()) + " to " + figure(spread.max()) + ")";
    }

    /** Three digits, or all before the point. */
    static String figure(double value) {
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** Adds what is known at the end, and writes all of it. */
    String write(BenchMain.Output output, int threads) {
        long peak = Machine.peakRssMib();
        fields.put("peakRssMib", peak);
        fields.put("threads", threads);
        fields.put("settings", settings);
        fields.put("versions", Machine.versions(System.getenv()));
        fields.put("hardware", Machine.hardware());
        if (output == BenchMain.Output.json) {
            return json();
        }
        line("peak memory", peak + " MiB");
        Map<String, String> hardware = Machine.hardware();
        line("threads", threads + " of " + hardware.get("cores") + " cores, " + hardware.get("processor"));
        return String.join("\n", lines);
    }

    private String json() {
        try {
            return JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build()
                    .writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("figures without JSON: " + fields, e);
        }
    }
}
