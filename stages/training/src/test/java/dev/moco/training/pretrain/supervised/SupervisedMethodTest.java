package dev.moco.training.pretrain.supervised;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.Architecture;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.PretrainMethod;
import dev.moco.contract.StageFailure;
import dev.moco.training.pretrain.Method;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SupervisedMethodTest {
    /** Batches of 8 images on 2 ranks; 3 images of a rank in groups of 2 would be a group of one. */
    @ParameterizedTest
    @CsvSource({
        "16, 2, true",
        "20, 2, true",
        "20, 4, true",
        "21, 2, false",
        "21, 4, true",
        "17, 2, false",
        "17, 4, false"
    })
    void everyGroupOfTheLastBatchHasImagesToCompare(int images, int groupImages, boolean fits) {
        Method method = Method.of(new PretrainConfig(
                Architecture.RESNET10W16,
                Head.CLASSES,
                0,
                32,
                Augmentation.CROP_AND_FLIP,
                1,
                8,
                2,
                new Contrast(0, 0, 0),
                new Optimizer(0.1, 0.9, 1e-4, Optimizer.Schedule.STEP, List.of()),
                Precision.FLOAT32,
                0,
                new PretrainMethod.Supervised(groupImages)));
        if (fits) {
            assertThatCode(() -> method.check(images)).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> method.check(images))
                    .isInstanceOfSatisfying(
                            StageFailure.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                    .hasMessageContaining("found " + images + " images in batches of 8 with 2 ranks and"
                            + " pretrain.groupImages " + groupImages);
        }
    }
}
