package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Architecture;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Stage;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageTask;
import dev.moco.training.TinyImages;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import dev.moco.training.stage.FolderContext;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.weights.Safetensors;
import dev.moco.training.weights.Safetensors.FloatTensor;
import dev.moco.training.weights.exchange.InitialState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pre-training that starts with the weights of a file. */
class InitialWeightsTest {
    private static final int SEED = 7;
    private static final Pretrain PRETRAIN = new Pretrain((prepared, split) -> new TinyImages(36));
    private static final PretrainConfig CONFIG = new PretrainConfig(
            Architecture.RESNET10W16,
            Head.MLP,
            8,
            16,
            Augmentation.AUG_PLUS,
            1,
            8,
            2,
            new Contrast(16, 0.2, 0.99),
            new Optimizer(0.03, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of()),
            Precision.FLOAT32,
            SEED);
    private static final EncoderLayout LAYOUT = Method.of(CONFIG).layout(0);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final Map<String, FloatTensor> file = new HashMap<>();

    @BeforeEach
    void theSeedsOwnWeights() {
        add("encoder_q.", EncoderWeights.initial(LAYOUT, SEED));
    }

    @Test
    void theSeedsOwnWeightsTrainAsIfDrawn() throws Exception {
        FolderContext context = context();
        context.inputs = Map.of();
        byte[] drawn = bytes(PRETRAIN.run(CONFIG, context));
        StageOutput read = PRETRAIN.run(CONFIG, context());
        assertThat(bytes(read)).isEqualTo(drawn);
        StageResult.Pretrained result = (StageResult.Pretrained) read.result();
        assertThat(result.knnTop1()).isNotNull();
        assertThat(result.knnTop1Untrained()).isNull();
        // The head is the seed's where the file has none.
        file.keySet().removeIf(name -> name.startsWith("encoder_q.fc."));
        assertThat(bytes(PRETRAIN.run(CONFIG, context()))).isEqualTo(drawn);
        add("encoder_q.", EncoderWeights.initial(LAYOUT, SEED + 1));
        assertThat(bytes(PRETRAIN.run(CONFIG, context()))).isNotEqualTo(drawn);
    }

    @Test
    void everyPartOfTheFileIsInTheState() throws Exception {
        EncoderWeights key = EncoderWeights.initial(LAYOUT, SEED + 1);
        float[] momentum = EncoderWeights.initial(LAYOUT, SEED + 2).parameters();
        float[] queue = new float[8 * 16];
        for (int i = 0; i < queue.length; i++) {
            queue[i] = i;
        }
        add("encoder_k.", key);
        add("momentum.", LAYOUT.parameters(), momentum);
        file.put("queue", new FloatTensor(List.of(8, 16), queue));
        context();
        try (PretrainSetup setup = PretrainSetup.begin(CONFIG, 1)) {
            setup.manager();
            MocoState state = MocoState.of(setup.initialState(0)).replacedBy(folder.resolve(InitialState.FILE), LAYOUT);
            EncoderWeights query = EncoderWeights.initial(LAYOUT, SEED);
            assertThat(state.query().toFloatArray()).isEqualTo(query.parameters());
            assertThat(state.queryStatistics().toFloatArray()).isEqualTo(query.statistics());
            assertThat(state.key().toFloatArray()).isEqualTo(key.parameters());
            assertThat(state.keyStatistics().toFloatArray()).isEqualTo(key.statistics());
            assertThat(state.velocity().toFloatArray()).isEqualTo(momentum);
            assertThat(state.queue().toFloatArray()).isEqualTo(queue);
            assertThat(FlatLayout.length(LAYOUT.parameters())).isEqualTo(momentum.length);
        }
    }

    private void add(String prefix, EncoderWeights weights) {
        add(prefix, LAYOUT.parameters(), weights.parameters());
        add(prefix, LAYOUT.statistics(), weights.statistics());
    }

    private void add(String prefix, List<FlatTensor> tensors, float[] flat) {
        for (FlatTensor tensor : tensors) {
            float[] values = Arrays.copyOfRange(flat, tensor.offset(), tensor.offset() + tensor.size());
            file.put(prefix + tensor.name(), new FloatTensor(tensor.shape(), values));
        }
    }

    /** Context of a run that starts with the file. */
    private FolderContext context() throws IOException {
        Path written = folder.resolve(InitialState.FILE);
        Files.deleteIfExists(written);
        Safetensors.write(written, file);
        FolderContext context = new FolderContext(folder, CONFIG, 1);
        context.knn = new KnnMonitor(1, 1, 0.1, 0);
        context.inputs = Map.of(StageTask.INITIAL, new ArtifactRef(Stage.WEIGHTS, "0".repeat(64), "1".repeat(64)));
        return context;
    }

    private static byte[] bytes(StageOutput output) throws IOException {
        return Files.readAllBytes(Objects.requireNonNull(output.files().get(EncoderFile.NAME)));
    }
}
