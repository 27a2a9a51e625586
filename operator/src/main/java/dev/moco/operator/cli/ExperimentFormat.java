package dev.moco.operator.cli;

import dev.moco.operator.local.ReportFiles;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.util.List;

/** Formats of experiments that a command has made. */
enum ExperimentFormat {
    yaml;

    /** Prints a document for each experiment, as {@code kubectl apply} takes them. */
    void print(List<Source> made) throws IOException {
        for (Source source : made) {
            System.out.println("---\n" + ReportFiles.yaml(source.tree()).stripTrailing());
        }
    }
}
