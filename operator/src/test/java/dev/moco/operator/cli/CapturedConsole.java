package dev.moco.operator.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps what a test prints, in place of the console; the test's class locks both streams. */
final class CapturedConsole implements BeforeEachCallback, AfterEachCallback {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream error = new ByteArrayOutputStream();

    private final PrintStream consoleOut = System.out;
    private final PrintStream consoleError = System.err;

    @Override
    public void beforeEach(ExtensionContext context) {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        System.setOut(consoleOut);
        System.setErr(consoleError);
    }

    /** Standard output so far. */
    String output() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Standard error so far. */
    String errors() {
        return error.toString(StandardCharsets.UTF_8);
    }
}
