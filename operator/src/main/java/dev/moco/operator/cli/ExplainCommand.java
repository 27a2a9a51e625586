package dev.moco.operator.cli;

import dev.moco.operator.spec.FieldSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code moco explain}: the fields of an experiment, without a cluster. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = {
            "Describes fields of an experiment with their defaults and bounds, as `kubectl explain` does; needs no cluster.",
            "FIELD: a path (pretrain.epochs, spec.data) or a name (temperature). Without it, the sections."
        })
final class ExplainCommand implements Runnable {
    private static final int WIDEST = 120;

    @Parameters(paramLabel = "FIELD", arity = "0..1", description = "The field.")
    @Nullable
    String field;

    @Override
    public void run() {
        int columns = Terminal.columns();
        int width = columns == 0 ? Terminal.USUAL_COLUMNS : Math.min(columns, WIDEST);
        List<FieldSchema> found = FieldSchema.ofResource().find(field == null ? "spec" : field);
        for (int i = 0; i < found.size(); i++) {
            if (i > 0) {
                System.out.println();
            }
            print(found.get(i), width);
        }
    }

    private static void print(FieldSchema field, int width) {
        System.out.println((field.path().isEmpty() ? "MoCoExperiment" : field.path()) + " " + field.type());
        printText(field, "    ", width);
        for (FieldSchema below : field.fields().values()) {
            System.out.println();
            System.out.println("  " + below.name() + " " + below.type());
            printText(below, "      ", width);
        }
    }

    private static void printText(FieldSchema field, String indent, int width) {
        wrapped(field.description(), width - indent.length()).forEach(line -> System.out.println(indent + line));
        if (!field.choices().isEmpty()) {
            wrapped("One of: " + String.join(", ", field.choices()) + ".", width - indent.length())
                    .forEach(line -> System.out.println(indent + line));
        }
    }

    /** Lines of a text of at most so many characters, unless a word is longer. */
    static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+", -1)) {
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        if (line.length() > 0) {
            lines.add(line.toString());
        }
        return lines;
    }
}
