package dev.moco.operator.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Experiment;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@code MoCoExperiment} as a cluster takes it, with its defaults: MoCo v2 for 200 epochs, row (d) of Table 1. */
final class ExperimentReader {
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

    private final List<String> problems = new ArrayList<>();
    private final Path folder;

    ExperimentReader(Path folder) {
        this.folder = folder;
    }

    Experiment read(String file, JsonNode tree) {
        Fields root = new Fields("", tree, problems);
        constant(root, "apiVersion", "moco.dev/v1alpha1");
        constant(root, "kind", "MoCoExperiment");
        Fields metadata = root.object("metadata");
        String name = metadata.text(
                "name",
                text -> text.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"),
                "must be a DNS label: lower-case letters, digits and dashes, at most 63");
        if (name == null) {
            name = "unnamed";
            if (!metadata.has("name")) {
                problems.add("metadata.name must be given");
            }
        }
        Map<String, String> labels = metadata.map("labels");
        metadata.map("annotations");
        metadata.text("namespace", text -> true, "must be a text");
        // What a cluster adds, so that a resource read back from it can be run.
        List.of(
                        "uid",
                        "resourceVersion",
                        "generation",
                        "creationTimestamp",
                        "managedFields",
                        "ownerReferences",
                        "finalizers")
                .forEach(metadata::has);
        metadata.refuseOthers();
        Experiment experiment = experiment(name, labels, root.object("spec"));
        root.object("status");
        root.refuseOthers();
        if (!problems.isEmpty()) {
            throw StageFailure.badConfig("Experiment " + name + " in " + file + " has " + problems.size() + " problem"
                    + (problems.size() > 1 ? "s" : "") + ":\n  " + String.join("\n  ", problems));
        }
        return experiment;
    }

    private void constant(Fields root, String field, String value) {
        if (root.text(field, value::equals, "must be " + value) == null && !root.has(field)) {
            problems.add(field + " must be " + value + ", found nothing");
        }
    }

    private Experiment experiment(String name, Map<String, String> labels, Fields spec) {
        Fields dataFields = spec.object("data");
        Experiment.Data data = data(dataFields);
        PretrainConfig pretrain = PretrainFields.read(spec.object("pretrain"));
        Optional<Experiment.Linear> linear = LinearFields.read(spec.object("linear"), pretrain);
        Optional<Experiment.Detection> detection = DetectionFields.read(spec.object("detection"), pretrain);
        if (detection.isPresent() && data.voc() == null && !dataFields.wrong("voc")) {
            problems.add("spec.data.voc must be given, or spec.detection.enabled be false");
        }
        StoreLocation store = store(spec.object("storage"));
        PolicyFields.check(spec);
        spec.refuseOthers();
        return new Experiment(name, labels, data, pretrain, linear, detection, store);
    }

    private Experiment.Data data(Fields fields) {
        String imagenet = source(fields, "imagenet");
        if (imagenet == null) {
            imagenet = "";
            if (!fields.has("imagenet")) {
                problems.add("spec.data.imagenet must be given: s3://bucket/prefix or a folder");
            }
        }
        Map<String, OnBadImage> choices = new LinkedHashMap<>();
        choices.put("Fail", OnBadImage.FAIL);
        choices.put("Skip", OnBadImage.SKIP);
        Experiment.Data data = new Experiment.Data(
                imagenet,
                source(fields, "voc"),
                fields.texts("vocClasses", VOC_CLASSES),
                fields.choice("onBadImage", OnBadImage.FAIL, choices),
                fields.integer("shardImages", 1024, 1, 1_000_000));
        if (data.vocClasses().isEmpty()
                || data.vocClasses().stream().distinct().count()
                        != data.vocClasses().size()) {
            fields.broken("vocClasses", "must name each class once, and at least one", data.vocClasses());
        }
        fields.refuseOthers();
        return data;
    }

    private @Nullable String source(Fields fields, String name) {
        String source = fields.text(
                name,
                text -> text.matches("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?")
                        || (!text.contains("://") && !text.isBlank() && text.indexOf('\0') < 0),
                "must be s3://bucket/prefix or a folder");
        if (source == null || source.startsWith("s3://")) {
            return source;
        }
        return folder.resolve(source).normalize().toString();
    }

    private static @Nullable StoreLocation store(Fields fields) {
        String bucket = fields.text(
                "bucket",
                text -> text.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
                "must be a bucket's name: 3 to 63 lower-case letters, digits, dots and dashes");
        String prefix = fields.text(
                "prefix", text -> !text.startsWith("/") && !text.endsWith("/"), "must not begin or end with a slash");
        String endpoint = fields.text(
                "endpoint", text -> text.matches("https?://[^/\\s]+/?"), "must be a URL: http(s)://host[:port]");
        String region =
                fields.text("region", text -> text.matches("[a-z0-9-]+"), "must be a region, such as us-east-1");
        boolean pathStyle = fields.flag("pathStyle", endpoint != null);
        boolean checksums = fields.flag("checksums", true);
        fields.text("credentialsSecret", text -> text.matches("[a-z0-9.-]+"), "must be the name of a Secret");
        if (fields.present() && bucket == null && !fields.has("bucket")) {
            fields.broken("bucket", "must be given", "nothing");
        }
        fields.refuseOthers();
        return bucket == null
                ? null
                : new StoreLocation(bucket, prefix == null ? "" : prefix, endpoint, region, pathStyle, checksums);
    }
}
