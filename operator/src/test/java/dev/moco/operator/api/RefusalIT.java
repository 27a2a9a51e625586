package dev.moco.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.StageFailure;
import dev.moco.localcluster.TestCluster.KubectlResult;
import dev.moco.operator.spec.ExperimentReader;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Resources that a real API server refuses, and its messages. */
class RefusalIT {
    private static CrdCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = CrdCluster.start();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"refused", "refusedData"})
    void anInvalidValueIsRefusedWithFieldValueAndRule(String section, String messages) throws Exception {
        KubectlResult kubectl = cluster.apply(
                section.startsWith("data")
                        ? CrdCluster.MINIMAL.replaceAll("  data: .*", "  " + section)
                        : CrdCluster.MINIMAL + "  " + section + "\n",
                "--dry-run=server");
        assertThat(kubectl.exitCode()).as(kubectl.out()).isEqualTo(1);
        assertThat(kubectl.err()).contains(messages.split("\n", -1));
    }

    static String[][] refused() {
        return new String[][] {
            {
                "pretrain: {epochs: many}",
                "spec.pretrain.epochs: Invalid value: \"string\": spec.pretrain.epochs in body must be"
                        + " of type integer: \"string\""
            },
            {
                "pretrain: {epochs: 1.5}",
                "spec.pretrain.epochs: Invalid value: \"number\": spec.pretrain.epochs in body must be"
                        + " of type integer: \"number\""
            },
            {
                "pretrain: {mlp: 1}",
                "spec.pretrain.mlp: Invalid value: \"integer\": spec.pretrain.mlp in body must be of"
                        + " type boolean: \"integer\""
            },
            {
                "pretrain: {temperature: \"0.2\"}",
                "spec.pretrain.temperature: Invalid value: \"string\": spec.pretrain.temperature in"
                        + " body must be of type number: \"string\""
            },
            {
                "pretrain: []",
                "spec.pretrain: Invalid value: \"array\": spec.pretrain in body must be of type" + " object: \"array\""
            },
            {
                "pretrain: {epochs: 0}",
                "spec.pretrain.epochs: Invalid value: 0: spec.pretrain.epochs in body should be"
                        + " greater than or equal to 1"
            },
            {
                "pretrain: {temperature: 0}",
                "spec.pretrain.temperature: Invalid value: 0: spec.pretrain.temperature in body"
                        + " should be greater than 0"
            },
            {
                "pretrain: {seed: 9007199254740992}",
                "spec.pretrain.seed: Invalid value: 9007199254740992: spec.pretrain.seed in body"
                        + " should be less than or equal to 9007199254740991"
            },
            {
                "detection: {trials: 21}",
                "spec.detection.trials: Invalid value: 21: spec.detection.trials in body should be"
                        + " less than or equal to 20"
            },
            {
                "detection: {anchorRatios: [0]}",
                "spec.detection.anchorRatios[0]: Invalid value: 0: spec.detection.anchorRatios[0] in"
                        + " body should be greater than 0"
            },
            {
                "detection: {trainSizes: []}",
                "spec.detection.trainSizes: Invalid value: 0: spec.detection.trainSizes in body"
                        + " should have at least 1 items"
            },
            {
                "failurePolicy: {retries: -1}",
                "spec.failurePolicy.retries: Invalid value: -1: spec.failurePolicy.retries in body"
                        + " should be greater than or equal to 0"
            },
            {
                "pretrain: {arch: resnet51}",
                "spec.pretrain.arch: Unsupported value: \"resnet51\": supported values: \"resnet101\","
                        + " \"resnet10w16\", \"resnet152\", \"resnet18\", \"resnet34\", \"resnet50\""
            },
            {
                "retention: {onDelete: Delete}",
                "spec.retention.onDelete: Unsupported value: \"Delete\": supported values: \"Retain\""
            },
            {
                "storage: {bucket: B}",
                "spec.storage.bucket: Invalid value: \"B\": spec.storage.bucket in body should match"
                        + " '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$'"
            },
            {"storage: {prefix: moco}", "spec.storage.bucket: Required value"},
            {
                "resources: {linear: {memory: 24GB}}",
                "spec.resources.linear.memory: Invalid value: \"24GB\": spec.resources.linear.memory"
                        + " in body should match"
            },
            {"pretain: {epochs: 100}", "unknown field \"spec.pretain\""},
            {"pretrain: {knn: {neighbor: 20}}", "unknown field \"spec.pretrain.knn.neighbor\""},
            {
                "pretrain: {queueSize: 65000}",
                "spec.pretrain.queueSize: Invalid value: must be a multiple of batchSize (256)," + " found 65000"
            },
            {
                "pretrain: {batchSize: 100}",
                "spec.pretrain.queueSize: Invalid value: must be a multiple of batchSize (100),"
                        + " found 65536\n"
                        + "spec.pretrain.batchSize: Invalid value: must be a multiple of ranks (8), found 100"
            },
            {
                "pretrain: {batchSize: 8}",
                "spec.pretrain.batchSize: Invalid value: must give each of the 8 ranks at least 2"
                        + " images, or batch norm has none to compare, found 8"
            },
            {"pretrain: {gpus: 2, batchSize: 4}", "spec.pretrain.gpus: Invalid value: was renamed: use ranks, found 2"},
            {"pretrain: {gpus: 2, ranks: 2}", "spec.pretrain.gpus: Invalid value: was renamed: use ranks, found 2"},
            {
                "pretrain: {knn: {neighbours: 20}}",
                "spec.pretrain.knn.neighbours: Invalid value: was renamed: use neighbors, found 20"
            },
            {"detection: {gpus: 1, batchSize: 1}", "spec.detection.gpus: Invalid value: was renamed: use ranks, found 1"
            },
            {
                "pretrain: {ranks: 0}",
                "spec.pretrain.ranks: Invalid value: 0: spec.pretrain.ranks in body should be greater"
                        + " than or equal to 1"
            },
            {
                "pretrain: {milestones: [120]}",
                "spec.pretrain.milestones: Invalid value: belong to schedule Step; a Cosine schedule"
                        + " has none, found [120]"
            },
            {
                "pretrain: {schedule: Step, milestones: [160, 120]}",
                "spec.pretrain.milestones: Invalid value: must ascend, found [160, 120]"
            },
            {"linear: {milestones: [80, 80]}", "spec.linear.milestones: Invalid value: must ascend, found [80, 80]"},
            {
                "linear: {epochs: 50, milestones: [40, 50]}",
                "spec.linear.milestones: Invalid value: must be below the 50 epochs, found [40, 50]"
            },
            {
                "detection: {iterations: 10, milestones: [5, 10]}",
                "spec.detection.milestones: Invalid value: must be below the 10 iterations, found" + " [5, 10]"
            },
            {
                "detection: {batchSize: 12}",
                "spec.detection.batchSize: Invalid value: must be a multiple of ranks (8), found 12"
            },
            {
                "resources: {pretrain: {gpus: 3}}",
                "spec.resources.pretrain.gpus: Invalid value: must divide pretrain.ranks (8), found 3"
            },
            {
                "resources: {detect: {gpus: 3}}",
                "spec.resources.detect.gpus: Invalid value: must divide detection.ranks (8), found 3"
            },
            {
                "resources: {pretrain: {nodes: 3}}",
                "spec.resources.pretrain.nodes: Invalid value: times gpus must divide pretrain.ranks (8), found 3"
            },
            {
                "resources: {pretrain: {nodes: 4, gpus: 4}}",
                "spec.resources.pretrain.nodes: Invalid value: times gpus must divide pretrain.ranks (8), found 4"
            },
            {
                "resources: {detect: {nodes: 2}}",
                "spec.resources.detect.nodes: Invalid value: must be 1, as only pre-training runs on several nodes, found 2"
            },
            {
                "resources: {accelerator: None, pretrain: {gpus: 1}}",
                "spec.resources.pretrain.gpus: Invalid value: must be 0, since accelerator is None," + " found 1"
            },
            {
                "encoder: {from: s3://raw/v2.pth.tar}\n  pretrain: {epochs: 100, schedule: Step, milestones: [60],"
                        + " knn: {neighbors: 20}, from: {file: s3://raw/v1.pth.tar}}",
                "spec.pretrain.epochs: Invalid value: must be absent, as spec.encoder replaces pre-training, found 100\n"
                        + "spec.pretrain.schedule: Invalid value: must be absent, as spec.encoder replaces pre-training,"
                        + " found \"Step\"\n"
                        + "spec.pretrain.milestones: Invalid value: must be absent\n"
                        + "spec.pretrain.knn.neighbors: Invalid value: must be absent\n"
                        + "spec.pretrain.from: Invalid value: must be absent, as spec.encoder replaces pre-training,"
                        + " found \"s3://raw/v1.pth.tar\""
            },
            {
                "pretrain: {method: SimCLR, queueSize: 65536, milestones: [60], from: {file: s3://raw/v1.pth.tar}}",
                "spec.pretrain.queueSize: Invalid value: belongs to method MoCo; SimCLR has none, found 65536\n"
                        + "spec.pretrain.milestones: Invalid value: belongs to method MoCo, EndToEnd or Supervised; SimCLR"
                        + " has none, found [60]\n"
                        + "spec.pretrain.from: Invalid value: belongs to method MoCo; SimCLR has none, found"
                        + " \"s3://raw/v1.pth.tar\""
            },
            {
                "pretrain: {method: SimCLR, schedule: Step, epochs: 10, precision: BFloat16}",
                "spec.pretrain.schedule: Invalid value: must be Cosine with SimCLR, found Step\n"
                        + "spec.pretrain.warmupEpochs: Invalid value: must be below the 10 epochs,"
                        + " found 10\n"
                        + "spec.pretrain.precision: Invalid value: must be Float32 with SimCLR, found BFloat16"
            },
            {
                "pretrain: {method: EndToEnd, groupImages: 24}\n  linear: {protocol: SimCLR, milestones: [60]}",
                "spec.pretrain.groupImages: Invalid value: must divide the 32 images of a rank,"
                        + " found 24\n"
                        + "spec.linear.milestones: Invalid value: belongs to protocol MoCo; SimCLR has none, found [60]"
            },
            {
                "pretrain: {method: SimCLR}\n  linear: {schedule: Step}",
                "spec.linear.schedule: Invalid value: must be Cosine with SimCLR, found Step"
            },
            {
                "pretrain: {method: Supervised, milestones: [90], dim: 64}",
                "spec.pretrain.milestones: Invalid value: must be below the 90 epochs, found [90]\n"
                        + "spec.pretrain.dim: Invalid value: belongs to method MoCo, EndToEnd or SimCLR; Supervised has"
                        + " none, found 64"
            },
            {
                "pretrain: {method: SimSiam}",
                "spec.pretrain.method: Unsupported value: \"SimSiam\": supported values: \"EndToEnd\", \"MoCo\","
                        + " \"SimCLR\", \"Supervised\""
            },
            {"encoder: {arch: resnet18}", "spec.encoder.from: Required value"},
            {
                "encoder: {from: \"http://host/v2.pth.tar\"}",
                "spec.encoder.from: Invalid value: \"http://host/v2.pth.tar\": must be s3://bucket/path or the path of a file, found"
                        + " \"http://host/v2.pth.tar\""
            },
            {
                "resources: {accelerator: None, weights: {gpus: 1}}",
                "spec.resources.weights.gpus: Invalid value: must be 0, since accelerator is None, found 1"
            },
            {
                "scheduling: {nodeSelector: {-gpu: a100}}",
                "spec.scheduling.nodeSelector: Invalid value: must have the keys of labels, found"
                        + " {\"-gpu\":\"a100\"}"
            },
            {
                "scheduling: {tolerations: [{value: a, operator: Exists}]}",
                "spec.scheduling.tolerations[0].value: Invalid value: belongs to operator Equal;"
                        + " Exists has none, found a"
            },
            {
                "scheduling: {tolerations: [{value: a}]}",
                "spec.scheduling.tolerations[0].key: Invalid value: must be given with operator Equal"
            },
            {
                "scheduling: {tolerations: [{key: a, tolerationSeconds: 5}]}",
                "spec.scheduling.tolerations[0].tolerationSeconds: Invalid value: belongs to effect"
                        + " NoExecute, found effect of every kind"
            },
        };
    }

    static String[][] refusedData() {
        return new String[][] {
            {
                "data: {imagenet: s3://raw/imagenet}",
                "spec.data.voc: Required value: must be given, or spec.detection.enabled be false"
            },
            {"data: {voc: data/voc}", "spec.data.imagenet: Required value"},
            {
                "data: {imagenet: images, voc: data/voc, unlabeled: true}\n  pretrain: {method: Supervised}",
                "spec.linear.enabled: Invalid value: must be false, since spec.data.unlabeled leaves no classes,"
                        + " found true\n"
                        + "spec.pretrain.method: Invalid value: must be another, since spec.data.unlabeled leaves no"
                        + " classes, found Supervised"
            },
            {
                "data: {imagenet: http://raw, voc: \" \"}",
                "spec.data.imagenet: Invalid value: \"http://raw\": must be s3://bucket/prefix or a"
                        + " folder, found \"http://raw\"\n"
                        + "spec.data.voc: Invalid value: \" \": must be s3://bucket/prefix or a folder, found \" \""
            },
            {
                "data: {imagenet: s3://R, voc: data/voc}",
                "spec.data.imagenet: Invalid value: \"s3://R\": must be s3://bucket/prefix or a"
                        + " folder, found \"s3://R\""
            },
            {
                "data: {imagenet: a, voc: b, vocClasses: [dog, cat, dog]}",
                "spec.data.vocClasses: Invalid value: must name each class once, found [\"dog\"," + " \"cat\", \"dog\"]"
            },
        };
    }

    /** The one rule of texts that only the API server can evaluate. */
    @ParameterizedTest(name = "\"{0}\"")
    @ValueSource(
            strings = {
                "",
                " ",
                "a",
                "..",
                "/a b",
                "a\nb",
                "a\u0000b",
                "a:/b",
                "a://b",
                "s3://abc",
                "s3://abc/",
                "s3://abc/d é",
                "s3://ab",
                "s3://A",
                "s3://abc//",
                "s3:/abc",
                "S3://abc",
                "é"
            })
    void apiServerAndReaderRefuseTheSameSources(String source) throws Exception {
        ObjectNode resource = Schema.resource();
        ((ObjectNode) resource.at("/spec/data")).put("imagenet", source);
        boolean read = true;
        try {
            ExperimentReader.read(resource, Optional.of(Path.of("/")));
        } catch (StageFailure failure) {
            read = false;
        }
        assertThat(cluster.apply(resource.toString(), "--dry-run=server").exitCode() == 0)
                .isEqualTo(read);
    }

    @Test
    void aNameMustBeADnsLabel() throws Exception {
        assertThat(cluster.apply(CrdCluster.MINIMAL.replace("name: x", "name: a.b"), "--dry-run=server")
                        .err())
                .contains("metadata.name: Invalid value: \"a.b\": metadata.name in body should match");
        assertThat(cluster.apply(CrdCluster.MINIMAL.replace("name: x", "name: " + "a".repeat(64)), "--dry-run=server")
                        .err())
                .contains("metadata.name: Too long: may not be more than 63 bytes");
    }
}
