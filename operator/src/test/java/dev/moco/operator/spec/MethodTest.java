package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.Architecture;
import dev.moco.contract.Experiment;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.PretrainMethod;
import dev.moco.operator.plan.PretrainText;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Methods of pre-training and protocols of linear classification, with their defaults. */
class MethodTest {
    @Test
    void aMethodHasItsDefaults() throws IOException {
        assertThat(pretrain("EndToEnd, batchSize: 4096"))
                .isEqualTo(new PretrainConfig(
                        Architecture.RESNET50,
                        Head.MLP,
                        128,
                        224,
                        Augmentation.AUG_PLUS,
                        200,
                        4096,
                        8,
                        new Contrast(0, 0.2, 0),
                        new Optimizer(0.48, 0.9, 1e-4, Schedule.COSINE, List.of()),
                        Precision.FLOAT32,
                        0,
                        new PretrainMethod.EndToEnd(false, false, 32)));
        assertThat(pretrain("SimCLR, batchSize: 8192"))
                .isEqualTo(new PretrainConfig(
                        Architecture.RESNET50,
                        Head.BATCH_NORM_MLP,
                        128,
                        224,
                        Augmentation.SIMCLR,
                        200,
                        8192,
                        8,
                        new Contrast(0, 0.1, 0),
                        new Optimizer(9.6, 0.9, 1e-6, Schedule.COSINE_BY_STEP, List.of(), Algorithm.LARS, 10),
                        Precision.FLOAT32,
                        0,
                        new PretrainMethod.SimClr(1)));
        assertThat(pretrain("Supervised"))
                .isEqualTo(new PretrainConfig(
                        Architecture.RESNET50,
                        Head.CLASSES,
                        0,
                        224,
                        Augmentation.CROP_AND_FLIP,
                        90,
                        256,
                        8,
                        new Contrast(0, 0, 0),
                        new Optimizer(0.1, 0.9, 1e-4, Schedule.STEP, List.of(30, 60)),
                        Precision.FLOAT32,
                        0,
                        new PretrainMethod.Supervised(32)));
    }

    @Test
    void theFieldsOfAMethodAreRead() throws IOException {
        assertThat(pretrain(
                        "EndToEnd, symmetric: true, sharedEncoder: true, groupImages: 8, mlp: false, augPlus: false,"
                                + " temperature: 0.07, dim: 64, schedule: Step, learningRate: 2"))
                .isEqualTo(new PretrainConfig(
                        Architecture.RESNET50,
                        Head.FC,
                        64,
                        224,
                        Augmentation.V1,
                        200,
                        256,
                        8,
                        new Contrast(0, 0.07, 0),
                        new Optimizer(2, 0.9, 1e-4, Schedule.STEP, List.of(120, 160)),
                        Precision.FLOAT32,
                        0,
                        new PretrainMethod.EndToEnd(true, true, 8)));
        PretrainConfig simClr = pretrain("SimCLR, colorStrength: 0.5, warmupEpochs: 0, epochs: 3, schedule: Cosine");
        assertThat(simClr.method()).isEqualTo(new PretrainMethod.SimClr(0.5));
        assertThat(simClr.optimizer().warmupEpochs()).isZero();
        assertThat(pretrain("Supervised, batchSize: 80").method()).isEqualTo(new PretrainMethod.Supervised(10));
        assertThat(pretrain("MoCo, batchSize: 512").optimizer().learningRate()).isEqualTo(0.03);
        assertThat(pretrain("MoCo")).isEqualTo(read("").pretrain().orElseThrow());
    }

    private static PretrainConfig pretrain(String method) throws IOException {
        return read("  pretrain: {method: " + method + "}\n").pretrain().orElseThrow();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "MoCo | MoCo: arch resnet50, epochs 200, batchSize 256, ranks 8, mlp true, augPlus true, temperature 0.2,"
                        + " queueSize 65536, keyMomentum 0.999, learningRate 0.03, schedule Cosine",
                "EndToEnd, batchSize: 4096 | EndToEnd: arch resnet50, epochs 200, batchSize 4096, ranks 8, mlp true,"
                        + " augPlus true, temperature 0.2, symmetric false, sharedEncoder false, groupImages 32,"
                        + " learningRate 0.48, schedule Cosine",
                "SimCLR | SimCLR: arch resnet50, epochs 200, batchSize 256, ranks 8, temperature 0.1, colorStrength 1.0,"
                        + " warmupEpochs 10, learningRate 0.3, schedule Cosine",
                "Supervised | Supervised: arch resnet50, epochs 90, batchSize 256, ranks 8, groupImages 32,"
                        + " learningRate 0.1, schedule Step"
            })
    void aPlanNamesTheMethodAndItsFields(String method, String text) throws IOException {
        assertThat(PretrainText.of(pretrain(method))).isEqualTo(text);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "SimCLR | {}                                        | 90  | 4096 | 1.6  | true",
                "SimCLR | {protocol: SimCLR, batchSize: 256}        | 90  | 256  | 0.1  | true",
                "SimCLR | {protocol: MoCo}                          | 100 | 256  | 30   | false",
                "MoCo   | {protocol: SimCLR, schedule: Cosine}      | 90  | 4096 | 1.6  | true",
                "MoCo   | {}                                        | 100 | 256  | 30   | false",
                "Supervised | {}                                    | 100 | 256  | 30   | false"
            })
    void linearClassificationFollowsItsProtocol(
            String method, String linear, int epochs, int batchSize, double rate, boolean simClr) throws IOException {
        LinearConfig config = read("  pretrain: {method: " + method + "}\n  linear: " + linear + "\n")
                .linear()
                .orElseThrow()
                .config();
        assertThat(config.epochs()).isEqualTo(epochs);
        assertThat(config.batchSize()).isEqualTo(batchSize);
        assertThat(config.zeroInitial()).isEqualTo(simClr);
        assertThat(config.optimizer())
                .isEqualTo(
                        simClr
                                ? new Optimizer(rate, 0.9, 0, Schedule.COSINE_BY_STEP, List.of(), Algorithm.NESTEROV, 0)
                                : new Optimizer(rate, 0.9, 0, Schedule.STEP, List.of(60, 80)));
    }

    private static Experiment read(String sections) throws IOException {
        String text = """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: x}
                spec:
                  data: {imagenet: s3://raw/imagenet, voc: s3://raw/voc}
                """;
        return ExperimentReader.read(new YAMLMapper().readTree(text + sections), Optional.empty())
                .experiment();
    }
}
