package dev.moco.operator.report;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import dev.moco.operator.report.page.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** {@code report.html}: the report with curves and pictures, in one file that refers to nothing outside itself. */
public final class HtmlReport {
    private static final Template TEMPLATE = template();

    private HtmlReport() {}

    public static String of(ReportInput input) {
        return TEMPLATE.execute(ReportPage.of(input));
    }

    /** {@code comparison.html}: several experiments side by side. */
    public static String of(List<ReportInput> inputs) {
        return TEMPLATE.execute(ComparisonPage.of(inputs));
    }

    /** Another page, such as a table's. */
    public static String of(Page page) {
        return TEMPLATE.execute(page);
    }

    /** The template of this package. Every value that it takes in is escaped. */
    private static Template template() {
        try (InputStream file =
                Objects.requireNonNull(HtmlReport.class.getResourceAsStream("report.html"), "report.html")) {
            return Mustache.compiler()
                    .escapeHTML(true)
                    .emptyStringIsFalse(true)
                    .compile(new InputStreamReader(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
