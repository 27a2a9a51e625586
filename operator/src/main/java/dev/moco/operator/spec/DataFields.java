package dev.moco.operator.spec;

import dev.moco.contract.Experiment;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.operator.api.Syntax;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code spec.data}: raw data in buckets or folders. */
final class DataFields {
    private static final List<String> VOC_CLASSES = List.of(
            "aeroplane",
            "bicycle",
            "bird",
            "boat",
            "bottle",
            "bus",
            "car",
            "cat",
            "chair",
            "cow",
            "diningtable",
            "dog",
            "horse",
            "motorbike",
            "person",
            "pottedplant",
            "sheep",
            "sofa",
            "train",
            "tvmonitor");

    private final Fields fields;
    private final Folders folders;

    private DataFields(Fields fields, Folders folders) {
        this.fields = fields;
        this.folders = folders;
    }

    /** Where folders of raw data may be. */
    sealed interface Folders {
        /** Anywhere; relative ones are below {@code folder}. */
        record Anywhere(Path folder) implements Folders {}

        /** Below {@code root} alone: what else the machine has is not the experiment's. */
        record Below(Path root) implements Folders {}

        /** Nowhere. */
        record Nowhere() implements Folders {}
    }

    static Experiment.Data read(Fields fields, Folders folders) {
        return new DataFields(fields, folders).read();
    }

    private Experiment.Data read() {
        String imagenet = source("imagenet");
        if (imagenet == null) {
            imagenet = "";
            if (!fields.has("imagenet")) {
                fields.missing("imagenet", "must be given: s3://bucket/prefix or a folder");
            }
        }
        Map<String, OnBadImage> choices = new LinkedHashMap<>();
        choices.put("Fail", OnBadImage.FAIL);
        choices.put("Skip", OnBadImage.SKIP);
        Experiment.Data data = new Experiment.Data(
                imagenet,
                source("voc"),
                fields.texts("vocClasses", VOC_CLASSES, 500, 64, Syntax.NOT_BLANK),
                fields.choice("onBadImage", OnBadImage.FAIL, choices),
                fields.integer("shardImages", 1024, 1, 1_000_000));
        if (data.vocClasses().isEmpty()
                || new HashSet<>(data.vocClasses()).size() != data.vocClasses().size()) {
            fields.broken("vocClasses", "must name each class once, and at least one", data.vocClasses());
        }
        fields.refuseOthers();
        return data;
    }

    private @Nullable String source(String name) {
        Optional<String> source =
                Optional.ofNullable(fields.text(name, DataFields::isSource, "must be s3://bucket/prefix or a folder"));
        if (source.isEmpty() || source.get().startsWith("s3://")) {
            return source.orElse(null);
        }
        if (folders instanceof Folders.Anywhere anywhere) {
            return anywhere.folder().resolve(source.get()).normalize().toString();
        }
        if (folders instanceof Folders.Below below) {
            Path folder = below.root().resolve(source.get()).normalize();
            if (folder.startsWith(below.root())) {
                return folder.toString();
            }
            fields.refused(
                    name, "must be s3://bucket/prefix, or a folder below the operator's data root", source.get());
        } else {
            fields.refused(
                    name,
                    "must be s3://bucket/prefix: folders need an operator with --data-root, and this one has none",
                    source.get());
        }
        return null;
    }

    private static boolean isSource(String text) {
        if (text.codePointCount(0, text.length()) > Syntax.TEXT_LENGTH) {
            return false;
        }
        return text.startsWith("s3://")
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
