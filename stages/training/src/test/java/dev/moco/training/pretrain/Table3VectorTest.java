package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Architecture;
import dev.moco.contract.NetworkCounts;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Table3;
import dev.moco.contract.Table3.Mechanism;
import dev.moco.contract.Table3.MemoryLine;
import dev.moco.contract.Table3.StepTime;
import dev.moco.contract.Table3.Time;
import dev.moco.training.Vectors;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout;
import java.util.Map;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** Vector 61: time and memory of Table 3. */
class Table3VectorTest {
    private static final int QUEUE = 65536;
    private static final int DIMENSION = 128;
    private static final int SIDE = 224;

    private final JsonNode file = Vectors.read("61_table3.json");
    private final JsonNode paper = file.get("paper");
    private final JsonNode memory = file.get("memory");
    private final Architecture resnet50 = Architecture.of("resnet50");
    private final NetworkCounts counts = NetworkCounts.of(resnet50, Head.MLP, DIMENSION, SIDE);

    @Test
    void timesFollowFromTheHours() {
        JsonNode time = file.get("time");
        Time moco = time("moco_256", 0);
        Time endToEnd = time("end_to_end_256", 0);
        assertThat(Table3.steps(moco.batchSize()))
                .isEqualTo(time.get("iterations").longValue());
        for (Map.Entry<String, Time> row :
                Map.of("moco_256", moco, "end_to_end_256", endToEnd).entrySet()) {
            assertNear(
                    time.get("seconds_per_iteration").get(row.getKey()),
                    row.getValue().secondsPerStep());
            assertNear(
                    time.get("images_per_second").get(row.getKey()),
                    row.getValue().imagesPerSecond());
            assertNear(time.get("gpu_hours").get(row.getKey()), row.getValue().gpuHours());
            Time projected = Time.projected(256, row.getValue().secondsPerStep());
            assertThat(projected.hours()).isCloseTo(row.getValue().hours(), within(1e-9));
        }
        assertNear(time.get("ratio_end_to_end_to_moco"), endToEnd.hours() / moco.hours());
        JsonNode interval = time.get("interval_of_hours_rounded_to_1");
        assertNear(
                interval.get("ratio_low"),
                time("end_to_end_256", -0.5).hours() / time("moco_256", 0.5).hours());
        assertNear(
                interval.get("ratio_high"),
                time("end_to_end_256", 0.5).hours() / time("moco_256", -0.5).hours());
    }

    @Test
    void passesOverTheEncoderAreHalfOfAStep() {
        JsonNode time = file.get("time");
        JsonNode fit = time.get("fit_t_equals_other_plus_units_times_forward");
        Time moco = time("moco_256", 0);
        StepTime step = StepTime.of(moco, time("end_to_end_256", 0));
        assertNear(fit.get("forward_seconds_per_32_images"), step.passSeconds());
        assertNear(fit.get("other_seconds"), step.otherSeconds());
        assertNear(fit.get("other_share_of_moco"), step.otherSeconds() / moco.secondsPerStep());
        double mocoUnits = Mechanism.MOCO.units();
        assertNear(fit.get("units").get("moco"), mocoUnits);
        assertNear(fit.get("units").get("end_to_end"), Mechanism.END_TO_END.units());
        assertNear(time.get("ratio_by_forward_units_6_to_4"), Mechanism.END_TO_END.units() / mocoUnits);
    }

    @Test
    void memoryIsALineOverTheBatch() {
        MemoryLine line = line(0, 0);
        assertNear(memory.get("per_32_images_of_both_encoders_G"), line.perImages());
        assertNear(memory.get("per_32_images_of_one_encoder_G"), line.perImages() / 2);
        assertNear(memory.get("fixed_G"), line.fixed());
        assertNear(memory.get("reproduces_93.0"), line.at(4096));
        assertNear(memory.get("interval_per_32").get(0), line(0.05, -0.05).perImages());
        assertNear(memory.get("interval_per_32").get(1), line(-0.05, 0.05).perImages());
    }

    private MemoryLine line(double small, double large) {
        JsonNode first = paper.get("end_to_end_256");
        JsonNode second = paper.get("end_to_end_4096");
        return MemoryLine.through(
                first.get("batch").intValue(),
                first.get("memory_G").doubleValue() + small,
                second.get("batch").intValue(),
                second.get("memory_G").doubleValue() + large);
    }

    @Test
    void activationsAreCountedFromTheNetwork() {
        JsonNode counted = memory.get("counted_from_the_network");
        long saved = counts.savedBytes();
        assertThat(saved)
                .isEqualTo(counted.get("saved_bytes_per_image_and_encoder").longValue());
        assertThat(4 * counts.image()).isEqualTo(counted.get("of_which_image").longValue());
        assertThat(NetworkCounts.savedStatistics(resnet50))
                .isEqualTo(counted.get("constant_bytes_bn_statistics").longValue());
        assertNear(counted.get("per_32_images_GB"), 32 * saved / 1e9);
        assertNear(counted.get("per_32_images_GiB"), 32 * saved / 0x1p30);
        assertNear(counted.get("both_encoders_GB"), 64 * saved / 1e9);
        assertNear(counted.get("both_encoders_GiB"), 64 * saved / 0x1p30);
        assertThat(counts.multiplyAdds())
                .isEqualTo(file.get("forward_macs_per_image").longValue());
        assertNear(file.get("chunks").get("micro_batch_32_activations_GB"), 32 * saved / 1e9);
    }

    @Test
    void weightsAndQueueAreCountedFromTheNetwork() {
        long parameters = FlatLayout.length(
                EncoderLayout.of(resnet50, Head.MLP, DIMENSION).parameters());
        JsonNode bytes = memory.get("parameter_bytes");
        assertThat(4 * parameters).isEqualTo(bytes.get("one_encoder_mlp").longValue());
        assertThat(4 * parameters)
                .isEqualTo(bytes.get("ddp_bucket_per_trained_encoder").longValue());
        assertThat(Mechanism.MOCO.stateBytes(parameters))
                .isEqualTo(bytes.get("moco_weights2_grad1_momentum1").longValue());
        assertThat(Mechanism.END_TO_END.stateBytes(parameters))
                .isEqualTo(bytes.get("end_to_end_separate_weights2_grad2_momentum2")
                        .longValue());
        // Shared weights: one encoder, its gradient and its velocity.
        assertThat(3 * 4 * parameters)
                .isEqualTo(
                        bytes.get("end_to_end_shared_weights1_grad1_momentum1").longValue());
        assertThat(4L * QUEUE * DIMENSION).isEqualTo(memory.get("queue_bytes").longValue());
        assertThat(4L * 256 * 3 * SIDE * SIDE)
                .isEqualTo(memory.get("gathered_images_bytes_256").longValue());
        assertThat(4L * 32 * (1 + QUEUE))
                .isEqualTo(memory.get("logits_bytes_moco_32x65537").longValue());
    }

    @Test
    void cachedStepsKeepEmbeddingsAndLogits() {
        JsonNode chunks = file.get("chunks");
        assertBytes(chunks.get("embeddings_bytes"), batch -> Table3.embeddingBytes(batch, DIMENSION));
        assertBytes(chunks.get("logits_bytes_per_rank_end_to_end"), Table3::inBatchLogitBytes);
        assertBytes(chunks.get("logits_bytes_per_rank_ntxent"), Table3::ntXentLogitBytes);
        for (JsonNode ratio : chunks.get("compute_ratio")) {
            assertNear(ratio, (1 + 3) / 3.0); // a forward pass more than forward and backward, which are three
        }
    }

    private static void assertBytes(JsonNode byBatch, IntToLongFunction bytes) {
        assertThat(byBatch).isNotEmpty();
        byBatch.properties()
                .forEach(row -> assertThat(bytes.applyAsLong(Integer.parseInt(row.getKey())))
                        .isEqualTo(row.getValue().longValue()));
    }

    private Time time(String row, double later) {
        JsonNode of = paper.get(row);
        return new Time(of.get("batch").intValue(), of.get("hours").doubleValue() + later);
    }

    private static void assertNear(JsonNode expected, double found) {
        double size = Math.max(1, Math.abs(expected.doubleValue()));
        assertThat(found).isCloseTo(expected.doubleValue(), within(1e-12 * size));
    }
}
