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
import org.jspecify.annotations.Nullable;

/** Report of a bench: fields for JSON, and lines of text. */
final class BenchReport {
    private final Map<String, Object> fields = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final Map<String, Object> settings;

    /**
     * Begins a report.
     *
     * @param title first line of the text
     * @param settings values by the names of the options in camel case
     */
    BenchReport(String bench, String title, Map<String, Object> settings) {
        this.settings = settings;
        fields.put("bench", bench);
        lines.add(title);
    }

    /** Adds rates and seconds of repetitions that each process the given number of images. */
    BenchReport images(double images, Timings timings) {
        spread("imagesPerSecond", timings.rates(images));
        return seconds(timings);
    }

    /** Adds seconds of repetitions. */
    BenchReport seconds(Timings timings) {
        fields.put("stepSeconds", timings.seconds());
        spread("stepSecondsMedian", "stepSeconds", timings.spread());
        return this;
    }

    /** Adds the median under a name, and the bounds under the name with Min and Max appended. */
    BenchReport spread(String name, Spread spread) {
        return spread(name, name, spread);
    }

    private BenchReport spread(String median, String name, Spread spread) {
        fields.put(median, spread.median());
        fields.put(name + "Min", spread.min());
        fields.put(name + "Max", spread.max());
        return this;
    }

    BenchReport field(String name, @Nullable Object value) {
        fields.put(name, value);
        return this;
    }

    BenchReport line(String label, String text) {
        lines.add(String.format(Locale.ROOT, "  %-16s %s", label, text));
        return this;
    }

    /** Formats the median and, in parentheses, the bounds. */
    static String text(Spread spread, String unit) {
        return format(spread.median()) + unit + " (" + format(spread.min()) + " to " + format(spread.max()) + ")";
    }

    /** Formats a number with three significant digits, or as an integer if it has more before the point. */
    static String format(double value) {
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** Adds memory, versions and hardware, and formats the report. */
    String write(BenchMain.Output output, int threads) {
        return write(output, threads, Machine.peakRssMib());
    }

    /** Does the same with the peak memory of another process, MiB. */
    String write(BenchMain.Output output, int threads, long peak) {
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
            throw new IllegalArgumentException("cannot write the report as JSON: " + fields, e);
        }
    }
}
