package dev.moco.operator.spec;

import dev.moco.contract.StoreLocation;
import dev.moco.operator.api.Syntax;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Places where an experiment may read raw data: buckets, and folders as the driver allows. */
sealed interface DataSources {
    /** Folders anywhere; relative ones are below {@code folder}. */
    record Anywhere(Path folder) implements DataSources {
        @Override
        public Path resolve(String source) {
            return folder.resolve(source).normalize();
        }

        @Override
        public Optional<String> refusal(String source) {
            return Optional.empty();
        }
    }

    /** Folders below {@code root}; an experiment may read no other folder of the machine. */
    record Below(Path root) implements DataSources {
        @Override
        public Path resolve(String source) {
            return root.resolve(source).normalize();
        }

        @Override
        public Optional<String> refusal(String source) {
            return resolve(source).startsWith(root)
                    ? Optional.empty()
                    : Optional.of("must be s3://bucket/prefix, or a folder below the operator's data root");
        }
    }

    /** No folders. */
    record Buckets() implements DataSources {
        @Override
        public Path resolve(String source) {
            return Path.of(source);
        }

        @Override
        public Optional<String> refusal(String source) {
            return Optional.of(
                    "must be s3://bucket/prefix: folders need an operator with --data-root, and this one has none");
        }
    }

    /** The folder that a source names. */
    Path resolve(String source);

    /** The rule that a folder breaks, if any. */
    Optional<String> refusal(String source);

    /** Adds a problem for a text that is not a source, or is not allowed here. */
    default void check(String path, String sourceRule, String source, Problems problems) {
        if (!isSource(source)) {
            problems.wrong(path, sourceRule, source);
        } else if (!StoreLocation.isBucket(source)) {
            refusal(source).ifPresent(rule -> problems.wrong(path, rule, source));
        }
    }

    /** A source as stages read it: the bucket, or the absolute folder. */
    default String locate(String source) {
        return StoreLocation.isBucket(source) ? source : resolve(source).toString();
    }

    private static boolean isSource(String text) {
        return StoreLocation.isBucket(text)
                ? text.matches(Syntax.S3_SOURCE)
                : !text.contains("://") && text.matches(Syntax.NOT_BLANK) && isPath(text);
    }

    /** No zero byte, and only characters that names of files have in this locale. */
    private static boolean isPath(String text) {
        try {
            return !Path.of(text).toString().isEmpty();
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
