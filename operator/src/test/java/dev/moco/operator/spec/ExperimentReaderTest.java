package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.Architecture;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.Task;
import dev.moco.contract.WeightsConfig;
import dev.moco.operator.plan.Policy;
import dev.moco.operator.report.PaperRow;
import dev.moco.operator.report.PaperTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExperimentReaderTest {
    private static final String MINIMAL = """
            apiVersion: moco.dev/v1alpha1
            kind: MoCoExperiment
            metadata: {name: x}
            spec:
              data: {imagenet: s3://raw/imagenet, voc: s3://raw/voc}
            """;

    @TempDir
    Path folder;

    @Test
    void theDefaultsAreRowDOfThePaper() throws IOException {
        Experiment experiment = read(MINIMAL);
        assertThat(PaperTables.rowOf(experiment).map(PaperRow::name)).contains("(d)");
        assertThat(PaperTables.isPapers(experiment.linear().orElseThrow().config()))
                .isTrue();
        assertThat(experiment.linear().orElseThrow().baseline()).isFalse();
        assertThat(PaperTables.isPapers(experiment.detection().orElseThrow().config()))
                .isTrue();
        assertThat(experiment.detection().orElseThrow().trials()).isEqualTo(5);
        assertThat(experiment.data().vocClasses()).hasSize(20);
        assertThat(experiment.store()).isNull();
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "MoCo v1 | {mlp: false, augPlus: false, schedule: Step, temperature: 0.07}",
                "(a)     | {augPlus: false, schedule: Step}",
                "(b)     | {mlp: false, schedule: Step, temperature: 0.07}",
                "(c)     | {schedule: Step}",
                "(d)     | {seed: 4, knn: {everyEpochs: 0}}",
                "(e)     | {epochs: 800}"
            })
    void fieldsSelectOtherRowsOfThePaper(String row, String pretrain) throws IOException {
        Experiment experiment = read(MINIMAL + "  pretrain: " + pretrain + "\n");
        assertThat(PaperTables.rowOf(experiment).map(PaperRow::name)).contains(row);
    }

    @Test
    void relativeFoldersAreResolvedAgainstTheFile() throws IOException {
        Experiment.Data data = read("""
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: x}
                spec:
                  data: {imagenet: ../raw, voc: /data/voc}
                """).data();
        assertThat(data.imagenet()).isEqualTo(folder.resolveSibling("raw").toString());
        assertThat(data.voc()).isEqualTo("/data/voc");
    }

    @Test
    void jsonIsRead() throws IOException {
        assertThat(read("""
                {"apiVersion": "moco.dev/v1alpha1", "kind": "MoCoExperiment", "metadata": {"name": "x"},
                 "spec": {"data": {"imagenet": "raw"}, "detection": {"enabled": false}}}
                """).detection()).isEmpty();
    }

    @Test
    void theQuickstartIsValid() {
        Experiment quickstart = ExperimentFile.read(Path.of("../pipelines/quickstart/experiment.yaml"));
        assertThat(quickstart.pretrain().orElseThrow().architecture()).isEqualTo(Architecture.RESNET10W16);
        assertThat(quickstart.linear()).isPresent();
        assertThat(quickstart.detection()).isPresent();
    }

    @Test
    void anEncoderIsReadInPlaceOfPreTraining() throws IOException {
        Experiment experiment = read("""
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: published}
                spec:
                  data: {imagenet: s3://raw/imagenet, voc: s3://raw/voc}
                  encoder: {from: v2.pth.tar, arch: resnet18}
                """);
        assertThat(experiment.pretrain()).isEmpty();
        assertThat(PaperTables.rowOf(experiment)).isEmpty();
        assertThat(experiment.weights()).hasValueSatisfying(weights -> {
            assertThat(weights.file()).isEqualTo(folder.resolve("v2.pth.tar").toString());
            assertThat(weights.config()).isEqualTo(new WeightsConfig(Architecture.RESNET18, "", null));
        });
        assertThat(experiment.linear().orElseThrow().config().architecture()).isEqualTo(Architecture.RESNET18);
        assertThat(experiment.detection().orElseThrow().config().architecture()).isEqualTo(Architecture.RESNET18);
    }

    @Test
    void anEncoderAndPreTrainingAreRefused() {
        assertThatThrownBy(() -> read("""
                        apiVersion: moco.dev/v1alpha1
                        kind: MoCoExperiment
                        metadata: {name: both}
                        spec:
                          data: {imagenet: s3://raw/imagenet, voc: s3://raw/voc}
                          encoder: {from: http://host/v2.pth.tar}
                          pretrain: {epochs: 100, temperature: 0.2, schedule: Step, milestones: [60], knn: {neighbors: 20}}
                        """)).hasMessage("""
                        Experiment both in %s has 5 problems:
                          spec.encoder.from must be s3://bucket/path or the path of a file, found "http://host/v2.pth.tar"
                          spec.pretrain.epochs must be absent, as spec.encoder replaces pre-training, found 100
                          spec.pretrain.schedule must be absent, as spec.encoder replaces pre-training, found "Step"
                          spec.pretrain.milestones must be absent, as spec.encoder replaces pre-training, found [60]
                          spec.pretrain.knn.neighbors must be absent, as spec.encoder replaces pre-training, found 20""".formatted(folder.resolve("x.yaml")));
    }

    /** The API server stored these defaults before they depended on a method. */
    @Test
    void anEncoderBesideStoredDefaultsOfMoCoIsRead() throws IOException {
        String encoder = MINIMAL + "  encoder: {from: s3://raw/v2.pth.tar}\n";
        assertThat(read(encoder + "  pretrain: {temperature: 0.2, queueSize: 65536, schedule: Cosine, epochs: 200}\n"))
                .isEqualTo(read(encoder));
    }

    @Test
    void allProblemsAreReportedTogether() {
        assertThatThrownBy(() -> read("""
                        apiVersion: moco.dev/v1alpha1
                        kind: MoCoExperiment
                        metadata: {name: Table_1}
                        spec:
                          data: {imagenet: s3://raw/imagenet}
                          pretrain:
                            epochs: "200"
                            queueSize: 65000
                            keyMomentum: 1.2
                            arch: resnet51
                            milestones: [120, 160]
                            knn: {neighbor: 20}
                          linear: {milestones: [80, 60]}
                          detection: {trials: 0, batchSize: 12}
                        """)).hasMessage("""
                        Experiment unnamed in %s has 11 problems:
                          metadata.name must be a DNS label: lower-case letters, digits and dashes, at most 63, \
                        found "Table_1"
                          spec.pretrain.arch must be one of resnet10w16, resnet18, resnet34, resnet50, resnet101, \
                        resnet152, found "resnet51"
                          spec.pretrain.epochs must be a whole number from 1 to 100000, found "200"
                          spec.pretrain.keyMomentum must be a number from 0 to 1, found 1.2
                          spec.pretrain.knn.neighbor is not a field; nearest is "neighbors", \
                        known are: everyEpochs, neighbors, temperature, bankImages
                          spec.detection.trials must be a whole number from 1 to 20, found 0
                          spec.pretrain.milestones belong to schedule Step; a Cosine schedule has none, \
                        found [120, 160]
                          spec.pretrain.queueSize must be a multiple of batchSize (256), found 65000
                          spec.linear.milestones must ascend, found [80, 60]
                          spec.detection.batchSize must be a multiple of ranks (8), found 12
                          spec.data.voc must be given, or spec.detection.enabled be false""".formatted(folder.resolve("x.yaml")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("problems")
    void aProblemHasPathRuleAndFoundValue(String section, String problem) {
        assertProblems(MINIMAL + "  " + section + "\n", problem);
    }

    static String[][] problems() {
        return new String[][] {
            {
                "pretrain: {queueSize: 65000}",
                "spec.pretrain.queueSize must be a multiple of batchSize (256), found 65000"
            },
            {
                "pretrain: {batchSize: 100}",
                "spec.pretrain.queueSize must be a multiple of batchSize (100), found 65536\n"
                        + "spec.pretrain.batchSize must be a multiple of ranks (8), found 100"
            },
            {
                "pretrain: {batchSize: 8}",
                "spec.pretrain.batchSize must give each of the 8 ranks at least 2 images, or batch norm has none to"
                        + " compare, found 8"
            },
            {
                "pretrain: {batchSize: many, queueSize: 4095}",
                "spec.pretrain.batchSize must be a whole number from 2 to 1048576, found \"many\""
            },
            {"pretrain: {ranks: 0}", "spec.pretrain.ranks must be a whole number from 1 to 1024, found 0"},
            {"pretrain: {gpus: 2, batchSize: 4}", "spec.pretrain.gpus was renamed: use ranks, found 2"},
            {"pretrain: {gpus: 2, ranks: 2}", "spec.pretrain.gpus was renamed: use ranks, found 2"},
            {"pretrain: {knn: {neighbours: x}}", "spec.pretrain.knn.neighbours was renamed: use neighbors, found \"x\""
            },
            {"detection: {gpus: 1, batchSize: 1}", "spec.detection.gpus was renamed: use ranks, found 1"},
            {"pretrain: {epochs: 1.5}", "spec.pretrain.epochs must be a whole number from 1 to 100000, found 1.5"},
            {"pretrain: {temperature: 0}", "spec.pretrain.temperature must be a number above 0 up to 100, found 0"},
            {"pretrain: {mlp: 1}", "spec.pretrain.mlp must be true or false, found 1"},
            {"pretrain: []", "spec.pretrain must be an object, found []"},
            {
                "pretrain: {milestones: [120]}",
                "spec.pretrain.milestones belong to schedule Step; a Cosine schedule has none, found [120]"
            },
            {"linear: {milestones: [80, 60]}", "spec.linear.milestones must ascend, found [80, 60]"},
            {
                "linear: {epochs: 50, milestones: [40, 50]}",
                "spec.linear.milestones must be below the 50 epochs, found [40, 50]"
            },
            {
                "linear: {epochs: 50, milestones: 40}",
                "spec.linear.milestones must be a list of at most 100 whole numbers from 1 to 100000000, found 40"
            },
            {
                "linear: {epochs: 50, milestones: [40, soon]}",
                "spec.linear.milestones[1] must be a whole number from 1 to 100000000, found \"soon\""
            },
            {
                "linear: {epochs: 0, milestones: [60, 120]}",
                "spec.linear.epochs must be a whole number from 1 to 100000, found 0"
            },
            {
                "pretrain: {method: SimSiam, batchSize: 24, colorStrength: 1}",
                "spec.pretrain.method must be one of MoCo, EndToEnd, SimCLR, Supervised, found \"SimSiam\""
            },
            {
                "pretrain: {method: SimCLR, queueSize: 65536, mlp: true, milestones: [120], from: {file: s3://raw/a.pth}}",
                "spec.pretrain.from belongs to method MoCo; SimCLR has none, found \"s3://raw/a.pth\"\n"
                        + "spec.pretrain.queueSize belongs to method MoCo; SimCLR has none, found 65536\n"
                        + "spec.pretrain.mlp belongs to method MoCo or EndToEnd; SimCLR has none, found true\n"
                        + "spec.pretrain.milestones belongs to method MoCo, EndToEnd or Supervised; SimCLR has none,"
                        + " found [120]"
            },
            {
                "pretrain: {colorStrength: 1, groupImages: 32}",
                "spec.pretrain.groupImages belongs to method EndToEnd or Supervised; MoCo has none, found 32\n"
                        + "spec.pretrain.colorStrength belongs to method SimCLR; MoCo has none, found 1.0"
            },
            {
                "pretrain: {method: Supervised, temperature: 0.2, dim: 128, keyMomentum: 2}",
                "spec.pretrain.keyMomentum must be a number from 0 to 1, found 2\n"
                        + "spec.pretrain.temperature belongs to method MoCo, EndToEnd or SimCLR; Supervised has none,"
                        + " found 0.2\n"
                        + "spec.pretrain.dim belongs to method MoCo, EndToEnd or SimCLR; Supervised has none, found 128"
            },
            {
                "pretrain: {method: EndToEnd, symmetric: 1, groupImages: 24}",
                "spec.pretrain.symmetric must be true or false, found 1\n"
                        + "spec.pretrain.groupImages must divide the 32 images of a rank, found 24"
            },
            {
                "pretrain: {method: SimCLR, schedule: Step, precision: BFloat16}",
                "spec.pretrain.schedule must be Cosine with SimCLR, found Step\n"
                        + "spec.pretrain.precision must be Float32 with SimCLR, found BFloat16"
            },
            {
                "pretrain: {method: SimCLR, epochs: 10}",
                "spec.pretrain.warmupEpochs must be below the 10 epochs, found 10"
            },
            {
                "pretrain: {method: Supervised, milestones: [90]}",
                "spec.pretrain.milestones must be below the 90 epochs, found [90]"
            },
            {
                "linear: {protocol: SimCLR, schedule: Step, milestones: [60]}",
                "spec.linear.milestones belongs to protocol MoCo; SimCLR has none, found [60]\n"
                        + "spec.linear.schedule must be Cosine with SimCLR, found Step"
            },
            {"detection: {trials: 21}", "spec.detection.trials must be a whole number from 1 to 20, found 21"},
            {"detection: {trainSizes: []}", "spec.detection.trainSizes must have at least one, found none"},
            {"detection: {anchorRatios: []}", "spec.detection.anchorRatios must have at least one, found none"},
            {
                "storage: {prefix: moco}",
                "spec.storage.bucket must be given: a bucket's name: 3 to 63 lower-case letters, digits, dots and dashes"
            },
            {"storage: 5", "spec.storage must be an object, found 5"},
            {
                "storage: {bucket: b}",
                "spec.storage.bucket must be a bucket's name: 3 to 63 lower-case letters, digits, dots and dashes,"
                        + " found \"b\""
            },
            {
                "storage: {bucket: results, credentialsSecret: My_Secret}",
                "spec.storage.credentialsSecret must be the name of a Secret, found \"My_Secret\""
            },
            {
                "resources: {accelerator: gpu}",
                "spec.resources.accelerator must be None or an extended resource, such as nvidia.com/gpu or amd.com/gpu,"
                        + " found \"gpu\""
            },
            {
                "resources: {accelerator: None, pretrain: {gpus: 1}}",
                "spec.resources.pretrain.gpus must be 0, since accelerator is None, found 1"
            },
            {"resources: {pretrain: {gpus: 3}}", "spec.resources.pretrain.gpus must divide pretrain.ranks (8), found 3"
            },
            {
                "pretrain: {ranks: 2}\n  resources: {pretrain: {gpus: 8}}",
                "spec.resources.pretrain.gpus must divide pretrain.ranks (2), found 8"
            },
            {"resources: {detect: {gpus: 3}}", "spec.resources.detect.gpus must divide detection.ranks (8), found 3"},
            {
                "detection: {ranks: 2}\n  resources: {detect: {gpus: 4}}",
                "spec.resources.detect.gpus must divide detection.ranks (2), found 4"
            },
            {
                "resources: {pretrain: {nodes: 3}}",
                "spec.resources.pretrain.nodes times gpus must divide pretrain.ranks (8), found 3"
            },
            {
                "resources: {pretrain: {nodes: 4, gpus: 4}}",
                "spec.resources.pretrain.nodes times gpus must divide pretrain.ranks (8), found 4"
            },
            {
                "resources: {pretrain: {nodes: 0}}",
                "spec.resources.pretrain.nodes must be a whole number from 1 to 64, found 0"
            },
            {
                "resources: {detect: {nodes: 2}}",
                "spec.resources.detect.nodes must be 1, as only pre-training runs on several nodes, found 2"
            },
            {
                "resources: {linear: {memory: 24GB}}",
                "spec.resources.linear.memory must be a number of bytes with its unit, such as 24Gi, found \"24GB\""
            },
            {
                "scheduling: {nodeSelector: {-gpu: a100}}",
                "spec.scheduling.nodeSelector must have the keys of labels, found \"-gpu\""
            },
            {
                "scheduling: {nodeSelector: {gpu: a 100}}",
                "spec.scheduling.nodeSelector.gpu must be the value of a label, found \"a 100\""
            },
            {
                "scheduling: {tolerations: [{value: a, operator: Exists}, {}, {key: a, tolerationSeconds: 1}, x]}",
                "spec.scheduling.tolerations[3] must be an object, found \"x\"\n"
                        + "spec.scheduling.tolerations[0].value belongs to operator Equal; Exists has none, found a\n"
                        + "spec.scheduling.tolerations[1].key must be given with operator Equal, found nothing\n"
                        + "spec.scheduling.tolerations[2].tolerationSeconds belongs to effect NoExecute, found effect of"
                        + " every kind"
            },
            {
                "scheduling: {tolerations: [{operator: exists}]}",
                "spec.scheduling.tolerations[0].operator must be one of Equal, Exists, found \"exists\""
            },
            {"gates: {dataWaitShare: 0}", "spec.gates.dataWaitShare must be a number above 0 up to 1, found 0"},
            {"failurePolicy: {retries: -1}", "spec.failurePolicy.retries must be a whole number from 0 to 100, found -1"
            },
            {
                "pretain: {epochs: 100}",
                "spec.pretain is not a field; nearest is \"pretrain\", known are: data, encoder, pretrain, linear, detection,"
                        + " storage, suspend, cancel, retryToken, failurePolicy, timeouts, scheduling, retention,"
                        + " resources, gates"
            }
        };
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("notOneDocument")
    void aFileWithoutExactlyOneYamlDocumentIsRefused(String text, String message) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(StageFailure.class)
                .hasMessageStartingWith(folder.resolve("x.yaml") + message)
                .extracting(failure -> ((StageFailure) failure).exitCode())
                .isEqualTo(ExitCode.BAD_CONFIG);
    }

    static String[][] notOneDocument() {
        return new String[][] {
            {"", " must hold one experiment, found 0 documents"},
            {"# nothing yet\n", " must hold one experiment, found 0 documents"},
            {MINIMAL + "---\n" + MINIMAL, " must hold one experiment, found 2 documents"},
            {"kind: [", " is not YAML: while parsing a flow node"},
            {"kind: 1\nkind: 2", " is not YAML: Duplicate field 'kind' at line 2, column 5"},
            {"kind: \u0001", " is not YAML: special characters are not allowed"},
            {"temperature: .nan", " is not YAML: Malformed numeric value '.nan' at line 1, column 18"},
            {"a: ".repeat(3) + "b", " is not YAML: mapping values are not allowed here"}
        };
    }

    @Test
    void anotherKindIsRefused() {
        assertProblems(
                MINIMAL.replace("kind: MoCoExperiment", "kind: Pod").replace("apiVersion: moco.dev/v1alpha1\n", ""),
                "apiVersion must be moco.dev/v1alpha1, found nothing\nkind must be MoCoExperiment, found \"Pod\"");
    }

    @Test
    void anythingButAnObjectIsRefused() {
        assertThatThrownBy(() -> read("hello")).hasMessage("""
                        Experiment unnamed in %s has 6 problems:
                          the file must be an object, found "hello"
                          apiVersion must be moco.dev/v1alpha1, found nothing
                          kind must be MoCoExperiment, found nothing
                          metadata.name must be given
                          spec.data.imagenet must be given: s3://bucket/prefix or a folder
                          spec.data.voc must be given, or spec.detection.enabled be false""".formatted(folder.resolve("x.yaml")));
    }

    @Test
    void thePolicyHasDefaults() throws IOException {
        Policy.Resource training = new Policy.Resource(1, 8, Optional.empty(), Optional.empty(), Optional.empty());
        assertThat(reading(MINIMAL, Optional.empty()).policy())
                .isEqualTo(new Policy(
                        false,
                        false,
                        Optional.empty(),
                        Task.RETRIES,
                        new Policy.Timeouts(0, 0, 20),
                        new Policy.Scheduling(Optional.empty(), Optional.empty(), Map.of(), List.of()),
                        new Policy.Retention(86_400, Policy.DeletionPolicy.RETAIN, 0),
                        new Policy.Resources(
                                Optional.of("nvidia.com/gpu"),
                                Optional.empty(),
                                false,
                                Map.of(
                                        Stage.PREPARE,
                                        new Policy.Resource(0, 4, Optional.empty(), Optional.empty(), Optional.empty()),
                                        Stage.WEIGHTS,
                                        new Policy.Resource(0, 4, Optional.empty(), Optional.empty(), Optional.empty()),
                                        Stage.PRETRAIN,
                                        new Policy.Resource(
                                                8, 32, Optional.empty(), Optional.empty(), Optional.empty()),
                                        Stage.LINEAR,
                                        training,
                                        Stage.KNN,
                                        training,
                                        Stage.DETECT,
                                        training)),
                        new Policy.Gates(0.3),
                        new Policy.Access(Optional.empty(), Optional.empty())));
    }

    @Test
    void thePolicyIsReadFieldByField() throws IOException {
        Policy policy = reading(MINIMAL + """
                          storage: {bucket: results, credentialsSecret: s3, serviceAccountName: trainer}
                          suspend: true
                          cancel: true
                          retryToken: again
                          failurePolicy: {retries: 1}
                          timeouts: {pendingMinutes: 2, activeHours: 3, stalledMinutes: 4}
                          scheduling:
                            queueName: gpus
                            priorityClassName: low
                            nodeSelector: {gpu: a100}
                            tolerations: [{key: gpu, value: a100, effect: NoExecute, tolerationSeconds: 5}]
                          retention: {jobsTtlSeconds: 6, onDelete: Retain, checkpoints: {everyEpochs: 50}}
                          resources:
                            accelerator: amd.com/gpu
                            image: example.org/stages:1
                            deterministic: true
                            prepare: {cpu: 7}
                            pretrain: {gpus: 2, memory: 24Gi, shm: 8Gi}
                          gates: {dataWaitShare: 0.5}
                        """, Optional.empty()).policy();
        assertThat(policy)
                .isEqualTo(new Policy(
                        true,
                        true,
                        Optional.of("again"),
                        1,
                        new Policy.Timeouts(2, 3, 4),
                        new Policy.Scheduling(
                                Optional.of("gpus"),
                                Optional.of("low"),
                                Map.of("gpu", "a100"),
                                List.of(new Policy.TaintToleration(
                                        Optional.of("gpu"),
                                        "Equal",
                                        Optional.of("a100"),
                                        Optional.of("NoExecute"),
                                        Optional.of(5L)))),
                        new Policy.Retention(6, Policy.DeletionPolicy.RETAIN, 50),
                        new Policy.Resources(
                                Optional.of("amd.com/gpu"),
                                Optional.of("example.org/stages:1"),
                                true,
                                Map.of(
                                        Stage.PREPARE,
                                        new Policy.Resource(0, 7, Optional.empty(), Optional.empty(), Optional.empty()),
                                        Stage.WEIGHTS,
                                        new Policy.Resource(0, 4, Optional.empty(), Optional.empty(), Optional.empty()),
                                        Stage.PRETRAIN,
                                        new Policy.Resource(
                                                2, 8, Optional.of("24Gi"), Optional.of("8Gi"), Optional.empty()),
                                        Stage.LINEAR,
                                        new Policy.Resource(1, 8, Optional.empty(), Optional.empty(), Optional.empty()),
                                        Stage.KNN,
                                        new Policy.Resource(1, 8, Optional.empty(), Optional.empty(), Optional.empty()),
                                        Stage.DETECT,
                                        new Policy.Resource(
                                                1, 8, Optional.empty(), Optional.empty(), Optional.empty()))),
                        new Policy.Gates(0.5),
                        new Policy.Access(Optional.of("s3"), Optional.of("trainer"))));
    }

    @ParameterizedTest(name = "{0}: {1} GPUs and {2} cores")
    @CsvSource(
            delimiter = ';',
            value = {
                "pretrain: {ranks: 2}                                    ; 2  ; 8",
                "pretrain: {ranks: 4}                                    ; 4  ; 16",
                "pretrain: {ranks: 256, batchSize: 512}                  ; 64 ; 256",
                "resources: {pretrain: {gpus: 4}}                        ; 4  ; 16",
                "resources: {pretrain: {gpus: 0}}                        ; 0  ; 8",
                "resources: {pretrain: {cpu: 12}}                        ; 8  ; 12",
                "resources: {pretrain: {nodes: 2}}                       ; 4  ; 16",
                "resources: {pretrain: {nodes: 8}}                       ; 1  ; 8",
                "resources: {pretrain: {nodes: 4, gpus: 2}}              ; 2  ; 8",
                "resources: {pretrain: {nodes: 2, gpus: 0}}              ; 0  ; 8",
                "resources: {accelerator: None}                          ; 0  ; 8"
            })
    void preTrainingAsksForAGpuForEachRankUnlessItSaysOtherwise(String fields, int gpus, int cpu) throws IOException {
        Policy.Resource resource = reading(MINIMAL + "  " + fields + "\n", Optional.empty())
                .policy()
                .resources()
                .of(Stage.PRETRAIN);
        assertThat(resource.gpus()).isEqualTo(gpus);
        assertThat(resource.cpu()).isEqualTo(cpu);
    }

    @ParameterizedTest(name = "{0}: {1} GPUs")
    @CsvSource(
            delimiter = ';',
            value = {
                "detection: {ranks: 8}                  ; 1",
                "resources: {detect: {gpus: 8}}         ; 8",
                "resources: {detect: {gpus: 0}}         ; 0",
                "resources: {accelerator: None}         ; 0"
            })
    void aTrialOfDetectionAsksForOneGpuUnlessItSaysOtherwise(String fields, int gpus) throws IOException {
        assertThat(reading(MINIMAL + "  " + fields + "\n", Optional.empty())
                        .policy()
                        .resources()
                        .of(Stage.DETECT)
                        .gpus())
                .isEqualTo(gpus);
    }

    @Test
    void precisionsAreThreeAndNoneOfThemIsAnothersResult() throws IOException {
        Set<Object> configs = new HashSet<>();
        for (String precision : List.of("Float32", "TF32", "BFloat16")) {
            configs.add(reading(MINIMAL + "  pretrain: {precision: " + precision + "}\n", Optional.empty())
                    .experiment()
                    .pretrain()
                    .orElseThrow());
        }
        assertThat(configs).hasSize(3);
        assertThatThrownBy(() -> reading(MINIMAL + "  linear: {precision: Float16}\n", Optional.empty()))
                .hasMessageEndingWith(
                        "spec.linear.precision must be one of Float32, TF32, BFloat16, found \"Float16\"");
    }

    @Test
    void withoutAnAcceleratorNoStageRequestsGpus() throws IOException {
        Policy policy = reading(MINIMAL + "  resources: {accelerator: None}\n", Optional.empty())
                .policy();
        assertThat(policy.resources().accelerator()).isEmpty();
        assertThat(policy.resources().stages().values())
                .allSatisfy(resource -> assertThat(resource.gpus()).isZero());
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({"raw/imagenet, /data/raw/imagenet", "/data/imagenet, /data/imagenet", "a/../b, /data/b"})
    void inAClusterFoldersAreResolvedBelowTheDataRoot(String source, String folder) throws IOException {
        Experiment experiment = reading(MINIMAL.replace("s3://raw/imagenet", source), Optional.of(Path.of("/data")))
                .experiment();
        assertThat(experiment.data().imagenet()).isEqualTo(folder);
        assertThat(experiment.data().voc()).isEqualTo("s3://raw/voc");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"../etc", "/etc", "/database", "a/../../etc"})
    void inAClusterFoldersOutsideTheDataRootAreRefused(String source) {
        assertThatThrownBy(() -> reading(MINIMAL.replace("s3://raw/imagenet", source), Optional.of(Path.of("/data"))))
                .isInstanceOf(StageFailure.class)
                .hasMessage(
                        "Experiment x has 1 problem:\n  spec.data.imagenet must be s3://bucket/prefix, or a folder below"
                                + " the operator's data root, found \"" + source + "\"");
    }

    @Test
    void inAClusterWithoutADataRootFoldersAreRefused() {
        assertThatThrownBy(() -> reading(MINIMAL.replace("s3://raw/voc", "data/voc"), Optional.empty()))
                .isInstanceOf(StageFailure.class)
                .hasMessage("Experiment x has 1 problem:\n  spec.data.voc must be s3://bucket/prefix: folders need an"
                        + " operator with --data-root, and this one has none, found \"data/voc\"");
    }

    @Test
    void aSourceMustBeABucketOrAFolder() {
        assertProblems(
                MINIMAL.replace("s3://raw/voc", "\"http://voc\"").replace("s3://raw/imagenet", "\"a\\0b\""),
                "spec.data.imagenet must be s3://bucket/prefix or a folder, found \"a\\u0000b\"\n"
                        + "spec.data.voc must be s3://bucket/prefix or a folder, found \"http://voc\"");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "spec: 5 | spec must be an object, found 5",
                "spec: {data: 5} | spec.data must be an object, found 5",
                "spec: {data: {imagenet: a}, detection: 5} | spec.detection must be an object, found 5",
                "spec: {data: {imagenet: a}, detection: {enabled: no one}}"
                        + " | spec.detection.enabled must be true or false, found \"no one\"",
                "spec: {data: {imagenet: a, voc: b, vocClasses: ['  ']}}"
                        + " | spec.data.vocClasses[0] must be a line of at most 64 characters that is not blank, found \"  \""
            })
    void aRefusedValueCausesNoFurtherProblems(String spec, String problem) {
        assertProblems(MINIMAL.substring(0, MINIMAL.indexOf("spec:")) + spec + "\n", problem);
    }

    @Test
    void imagesWithoutClassesArePreTrainedOnAlone() throws IOException {
        String unlabeled = MINIMAL.replace("s3://raw/voc", "s3://raw/voc, unlabeled: true");
        assertProblems(
                unlabeled,
                "spec.linear.enabled must be false, since spec.data.unlabeled leaves no classes, found true");
        Experiment experiment = read(unlabeled + "  linear: {enabled: false}\n");
        assertThat(experiment.data().unlabeled()).isTrue();
        assertThat(experiment.knn()).isEqualTo(KnnMonitor.OFF);
        assertThat(read(MINIMAL).data().unlabeled()).isFalse();
        assertProblems(
                unlabeled + "  linear: {enabled: false}\n  pretrain: {method: Supervised}\n",
                "spec.pretrain.method must be another, since spec.data.unlabeled leaves no classes, found Supervised");
    }

    @ParameterizedTest(name = "vocYears: {0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "[2008]       | must name 2007, 2012 or each of them once, found [2008]",
                "[2007, 2007] | must name 2007, 2012 or each of them once, found [2007, 2007]",
                "[]           | must have at least one, found none"
            })
    void yearsOfVocAreItsOwn(String years, String problem) {
        assertProblems(
                MINIMAL.replace("s3://raw/voc", "s3://raw/voc, vocYears: " + years), "spec.data.vocYears " + problem);
    }

    @Test
    void yearsOfVocChangeTheKeyOnlyIfNamed() throws IOException {
        Experiment one = read(MINIMAL.replace("s3://raw/voc", "s3://raw/voc, vocYears: [2007]"));
        assertThat(one.data().vocYears()).containsExactly(2007);
        assertThat(read(MINIMAL.replace("s3://raw/voc", "s3://raw/voc, vocYears: [2012, 2007]"))
                        .data()
                        .vocYears())
                .containsExactly(2007, 2012);
        assertThat(read(MINIMAL).data().vocYears()).isEmpty();
    }

    @Test
    void detectionNeedsVoc() {
        assertProblems(
                MINIMAL.replace(", voc: s3://raw/voc", ""),
                "spec.data.voc must be given, or spec.detection.enabled be false");
    }

    @Test
    void aHugeFileIsRefusedBeforeItIsRead() throws IOException {
        Path file = Files.write(folder.resolve("x.yaml"), new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> ExperimentFile.read(file))
                .hasMessage(file + " has 1048577 bytes; an experiment has at most 1048576");
    }

    @Test
    void aMissingFileIsNamed() {
        Path file = folder.resolve("none.yaml");
        assertThatThrownBy(() -> ExperimentFile.read(file)).hasMessage("no file " + file);
    }

    @Test
    void aFolderIsRefused() {
        assertThatThrownBy(() -> ExperimentFile.read(folder)).hasMessage("cannot read " + folder + ": Is a directory");
    }

    private Experiment read(String text) throws IOException {
        return ExperimentFile.read(Files.writeString(folder.resolve("x.yaml"), text));
    }

    private static Reading reading(String text, Optional<Path> dataRoot) throws IOException {
        return ExperimentReader.read(new YAMLMapper().readTree(text), dataRoot);
    }

    private void assertProblems(String text, String problems) {
        String[] lines = problems.split("\n");
        String count = lines.length == 1 ? "1 problem" : lines.length + " problems";
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(StageFailure.class)
                .hasMessage("Experiment x in " + folder.resolve("x.yaml") + " has " + count + ":\n  "
                        + String.join("\n  ", lines));
    }
}
