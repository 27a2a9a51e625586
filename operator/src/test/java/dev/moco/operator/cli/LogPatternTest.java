package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In the logs of operator, command line, stages and benches, a text from outside cannot forge a line of a log, and reaches no terminal with an escape sequence. */
class LogPatternTest {
    private static final String FORGED = "2026-01-01T00:00:00.000Z INFO  job=a/b deleted";
    private static final String HOSTILE = "refused\u001b[2J\n" + FORGED + "\r\n\u0085" + FORGED + "\u202e";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "src/main/resources/logback.xml",
                "src/main/resources/logback-operator.xml",
                "../stages/training/src/main/resources/logback.xml",
                "../stages/training/src/main/resources/dev/moco/training/bench/logback.xml"
            })
    void aMessageIsOneLineAndAStackTraceIsIndented(String file) throws Exception {
        String[] lines = layout(file, new IllegalStateException(HOSTILE)).split("\n", -1);
        assertThat(lines[0]).contains("refused?[2J?" + FORGED);
        assertThat(lines[1]).isEqualTo("java.lang.IllegalStateException: refused?[2J");
        assertThat(lines[2]).isEqualTo("  " + FORGED + "?");
        assertThat(lines).hasSizeGreaterThan(5);
        for (int i = 2; i < lines.length - 1; i++) {
            assertThat(lines[i]).startsWith("  ").doesNotContainPattern("[\\p{Cc}\\p{Cf}&&[^\t]]");
        }
        assertThat(lines[lines.length - 1]).isEmpty();
    }

    private static String layout(String file, Exception thrown) throws Exception {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        PatternLayout layout = new PatternLayout();
        layout.setContext(context);
        layout.setPattern(pattern(file));
        layout.start();
        return layout.doLayout(
                new LoggingEvent("test", context.getLogger("test"), Level.INFO, HOSTILE, thrown, new Object[0]));
    }

    private static String pattern(String file) throws Exception {
        Matcher pattern = Pattern.compile("<pattern>(.*)</pattern>").matcher(Files.readString(Path.of(file)));
        assertThat(pattern.find()).isTrue();
        return pattern.group(1).replace("&amp;", "&");
    }
}
