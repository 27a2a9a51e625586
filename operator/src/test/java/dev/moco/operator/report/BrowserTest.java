package dev.moco.operator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.moco.operator.report.table.SweepTable;
import dev.moco.operator.report.table.SweepTable.Entry;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pages in Chromium, where it is installed. Pictures of them stay in {@code target/report-pages}, to be looked at. */
class BrowserTest {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final Path PAGES = Path.of("target", "report-pages").toAbsolutePath();

    @TempDir
    Path profile;

    @BeforeAll
    static void write() throws IOException {
        ReportInput whole = SampleRuns.whole();
        Files.createDirectories(PAGES);
        Files.writeString(PAGES.resolve("report.html"), HtmlReport.of(whole));
        Files.writeString(
                PAGES.resolve("comparison.html"), HtmlReport.of(List.of(whole, TestRuns.input(), TestRuns.input())));
        List<Entry> variants = new ArrayList<>();
        for (double temperature : new double[] {0.07, 0.1, 0.2, 0.3, 0.4}) {
            for (boolean mlp : new boolean[] {false, true}) {
                double top1 = 60 + (mlp ? 6 : 0) - 40 * Math.pow(temperature - 0.2, 2);
                Map<String, Spread> numbers = new LinkedHashMap<>();
                numbers.put("top-1, %", new Spread(top1, 0.2, 3));
                numbers.put("AP50", new Spread(top1 + 20, 0, 1));
                variants.add(new Entry("photos-" + variants.size(), List.of("" + temperature, "" + mlp), numbers, ""));
            }
        }
        Files.writeString(
                PAGES.resolve("sweep.html"),
                new SweepTable(List.of("pretrain.temperature", "pretrain.mlp"), variants).html());
    }

    @ParameterizedTest(name = "{0} of {1} pixels, {2}")
    @CsvSource({
        "report, 1280, light",
        "report, 1280, dark",
        "report, 390, light",
        "report, 390, dark",
        "comparison, 1280, light",
        "comparison, 390, dark",
        "sweep, 1280, light",
        "sweep, 390, dark"
    })
    @Timeout(600)
    void aPageFitsItsWidthInItsColors(String page, int width, String colors) throws Exception {
        String frame = frame(page, width);
        Path wrapper = Files.writeString(PAGES.resolve(page + "-" + width + ".frame.html"), frame);
        String dom = chromium(
                colors, "--window-size=1400,1000", "--dump-dom", wrapper.toUri().toString());
        Matcher measured = Pattern.compile("id=\"measured\">(\\d+) (\\d+)<").matcher(dom);
        assertThat(measured.find())
                .as(dom.substring(0, Math.min(2000, dom.length())))
                .isTrue();
        assertThat(Integer.parseInt(measured.group(1)))
                .as("width of the content")
                .isLessThanOrEqualTo(width);
        int height = Integer.parseInt(measured.group(2));
        assertThat(height).isGreaterThan(300);

        Path picture = PAGES.resolve(page + "-" + width + "-" + colors + ".png");
        Files.writeString(wrapper, frame.replace("height:1000px", "height:" + height + "px"));
        chromium(
                colors,
                "--hide-scrollbars",
                "--window-size=" + Math.max(width, 600) + "," + Math.min(16_000, height),
                "--screenshot=" + picture,
                wrapper.toUri().toString());
        BufferedImage image = ImageIO.read(picture.toFile());
        assertThat(image.getWidth()).isGreaterThanOrEqualTo(width);
        int corner = image.getRGB(3, 3) & 0xff;
        assertThat(corner).matches(value -> colors.equals("dark") ? value < 80 : value > 200, "background " + corner);
    }

    @Test
    @Timeout(600)
    void aPageCanBePrinted() throws Exception {
        Path pdf = PAGES.resolve("report.pdf");
        chromium(
                "dark",
                "--no-pdf-header-footer",
                "--print-to-pdf=" + pdf,
                PAGES.resolve("report.html").toUri().toString());
        assertThat(Files.readAllBytes(pdf)).startsWith("%PDF".getBytes(StandardCharsets.US_ASCII));
    }

    /** The page in a frame of a width, with a script that measures it: a window may not be so narrow. */
    private static String frame(String page, int width) throws IOException {
        String html = Files.readString(PAGES.resolve(page + ".html"))
                .replace("&", "&amp;")
                .replace("\"", "&quot;");
        return """
                <!doctype html><meta name="color-scheme" content="light dark"><style>body{margin:0}</style>
                <iframe style="width:%dpx;height:1000px;border:0;display:block" srcdoc="%s"
                  onload="let d=this.contentDocument.documentElement;
                    document.getElementById('measured').textContent=d.scrollWidth+' '+d.scrollHeight"></iframe>
                <div id="measured"></div>
                """.formatted(width, html);
    }

    /** Runs Chromium with a profile of its own, and returns what it prints. */
    private String chromium(String colors, String... arguments) throws Exception {
        Optional<Path> program = program();
        assumeTrue(program.isPresent(), "Chromium is not installed");
        List<String> command = new ArrayList<>(List.of(
                program.get().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--user-data-dir=" + profile,
                "--blink-settings=preferredColorScheme=" + (colors.equals("dark") ? 0 : 1),
                "--virtual-time-budget=10000"));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(profile, "out", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
        return Files.readString(out);
    }

    private static Optional<Path> program() {
        Map<String, String> environment = System.getenv();
        return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
