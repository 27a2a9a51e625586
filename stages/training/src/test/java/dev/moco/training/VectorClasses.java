package dev.moco.training;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Finds and runs the classes that test the vectors. */
final class VectorClasses {
    private VectorClasses() {}

    /** Finds the classes that name any of the files, those with the fewest files first, as they test these most. */
    static List<Class<?>> naming(List<String> files) {
        return ReflectionSupport.findAllClassesInPackage(
                        "dev.moco.training", type -> named(type, files) > 0, name -> name.endsWith("VectorTest"))
                .stream()
                .sorted(Comparator.comparingLong((Class<?> type) -> named(type, files))
                        .thenComparing(Class::getName))
                .toList();
    }

    /** Counts the files whose names are constants of a class. */
    static long named(Class<?> type, List<String> files) {
        try (InputStream compiled = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            String constants = new String(Objects.requireNonNull(compiled).readAllBytes(), StandardCharsets.ISO_8859_1);
            return files.stream().filter(constants::contains).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a class on a folder of vectors. */
    static TestExecutionSummary run(Class<?> type, Path vectors) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        System.setProperty("moco.vectors", vectors.toString());
        try {
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selectClass(type))
                                    .build(),
                            listener);
        } finally {
            System.clearProperty("moco.vectors");
        }
        return listener.getSummary();
    }
}
