package dev.moco.training.weights.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.Checkpoints;
import dev.moco.artifacts.FolderObjectStore;
import dev.moco.contract.Architecture;
import dev.moco.contract.ExitCode;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Sha256;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.WeightsConfig;
import dev.moco.contract.WeightsConfig.Initial;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.stage.FolderContext;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.weights.Safetensors;
import dev.moco.training.weights.Safetensors.FloatTensor;
import dev.moco.training.weights.exchange.EncoderExport.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImportWeightsTest {
    private static final Architecture NETWORK = Architecture.RESNET10W16;
    private static final int DIMENSION = 4;
    private static final int QUEUE = 6;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @ParameterizedTest
    @EnumSource
    void theEncoderIsThatOfPreTraining(Target target) throws IOException {
        Path ours = ours(1);
        Path file = folder.resolve(RoundTripTest.name(target));
        EncoderExport.write(file, EncoderImport.read(ours).encoder(), target);

        StageOutput output = run(file, null);

        assertThat(output.files().keySet()).containsExactly(EncoderFile.NAME);
        assertThat(output.files().get(EncoderFile.NAME)).hasSameBinaryContentAs(ours);
        StageResult.Imported result = (StageResult.Imported) output.result();
        assertThat(result.file()).isEqualTo(file.getFileName().toString());
        assertThat(result.sha256()).isEqualTo(Sha256.of(Files.readAllBytes(file)));
        assertThat(result.md5()).hasSize(32);
        assertThat(result.content()).contains(", resnet10w16 with ");
    }

    @Test
    void everythingThatIsAskedForComesAlong() throws IOException {
        Path file = moco();

        StageOutput output = run(file, initial(Head.MLP, DIMENSION, QUEUE, true, true, false));

        InitialState state = InitialState.read(path(output, InitialState.FILE));
        assertEqual(state.query(), EncoderImport.read(file).encoder().tensors());
        assertEqual(
                state.key().orElseThrow(),
                EncoderImport.read(file).keyEncoder().orElseThrow().tensors());
        assertThat(state.momentum()).isEmpty();
        // The next key was to replace column 2, the oldest.
        assertThat(state.queue().orElseThrow().values()).startsWith(2, 3, 4, 5, 0, 1, 8, 9);
        assertThat(((StageResult.Imported) output.result()).content()).endsWith(", with key encoder, queue");
    }

    @Test
    void nothingComesAlongUnasked() throws IOException {
        InitialState state = InitialState.read(
                path(run(moco(), initial(Head.MLP, DIMENSION, QUEUE, false, false, false)), InitialState.FILE));
        assertThat(state.key()).isEmpty();
        assertThat(state.queue()).isEmpty();
        assertThat(state.query()).containsKey("fc.2.bias");
    }

    @Test
    void anotherHeadIsLeftToBeDrawn() throws IOException {
        InitialState state = InitialState.read(
                path(run(moco(), initial(Head.FC, DIMENSION, QUEUE, false, false, false)), InitialState.FILE));
        assertThat(state.query().keySet())
                .noneMatch(name -> name.startsWith("fc"))
                .hasSizeGreaterThan(40);
    }

    @ParameterizedTest(name = "{5}")
    @CsvSource(
            delimiter = '|',
            value = {
                "MLP | 8 | 6 | true  | true  | the head must be fc.0 and fc.2 with 8 outputs, found fc.0.weight [128, 128],",
                "MLP | 8 | 6 | true  | true  | queue must have shape [8, 6], found [4, 6]",
                "FC  | 4 | 6 | true  | false | the head must be fc with 4 outputs, found fc.0.weight",
                "MLP | 4 | 9 | false | true  | queue must have shape [4, 9], found [4, 6]",
                "MLP | 4 | 6 | false | false | optimizer is missing",
            })
    void whatIsMissingOrMisshapenIsNamed(Head head, int dim, int queue, boolean key, boolean keys, String problem)
            throws IOException {
        Path file = moco();
        Initial wanted = initial(head, dim, queue, key, keys, true);

        assertThatThrownBy(() -> run(file, wanted))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessageStartingWith(file + " has not what spec.pretrain.from asks for: ")
                .hasMessageContaining(problem);
    }

    @Test
    void aPlainResNetHasNoKeyEncoderAndNoQueue() throws IOException {
        Path file = ours(1);
        assertThatThrownBy(() -> run(file, initial(Head.MLP, DIMENSION, QUEUE, true, true, false)))
                .hasMessage(
                        file + " has not what spec.pretrain.from asks for: encoder_k.* is missing; queue is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"moco_v2_zip.pth.tar", "moco_v2_legacy.pth.tar"})
    void theMomentumOfEveryParameterIsRead(String name) throws IOException {
        Path file = WeightFiles.folder().resolve(name);
        EncoderState encoder = first(WeightFiles.read(file).encoder());
        List<String> problems = new ArrayList<>();

        Map<String, FloatTensor> momentum = SgdMomentum.read(file, encoder, problems);

        assertThat(problems).isEmpty();
        assertThat(momentum.keySet())
                .containsExactlyElementsOf(encoder.tensors().keySet().stream()
                        .filter(tensor -> !tensor.contains(".running_"))
                        .toList());
        momentum.forEach((tensor, buffer) -> assertThat(buffer.shape())
                .as(tensor)
                .isEqualTo(Objects.requireNonNull(encoder.tensors().get(tensor)).shape()));
    }

    /** The part of an encoder whose momentum the small checkpoints have. */
    private static EncoderState first(EncoderState encoder) {
        Map<String, FloatTensor> first = new LinkedHashMap<>(encoder.tensors());
        first.keySet().removeIf(name -> !name.matches("(layer1\\.0\\.)?(conv1|bn1)\\..*"));
        assertThat(first).hasSize(10);
        return new EncoderState(encoder.architecture(), encoder.resnet(), first, Map.of());
    }

    @Test
    void aParameterWithoutMomentumIsNamed() throws IOException {
        Path file = WeightFiles.folder().resolve("moco_v2_zip.pth.tar");
        EncoderState encoder = WeightFiles.read(file).encoder();
        List<String> missing = new ArrayList<>();
        SgdMomentum.read(file, encoder, missing);
        assertThat(missing).contains("momentum_buffer of fc.2.bias is missing");
        Map<String, FloatTensor> other = new LinkedHashMap<>(first(encoder).tensors());
        other.put("conv1.weight", new FloatTensor(List.of(2), new float[2]));
        List<String> problems = new ArrayList<>();
        SgdMomentum.read(file, new EncoderState("tiny", encoder.resnet(), other, Map.of()), problems);
        assertThat(problems)
                .singleElement()
                .asString()
                .matches("momentum_buffer of conv1.weight must have floats of shape \\[2], found \\w+ of shape .*");
    }

    @Test
    void aRefusalNamesTheSource() {
        for (String name :
                List.of("p01_global_os_system.pth", "a02_overlap.safetensors", "d01_code.pkl", "f02_html.pth")) {
            Path file = WeightFiles.folder().resolve("hostile").resolve(name);
            assertThatThrownBy(() -> run(file, null))
                    .isInstanceOfSatisfying(
                            StageFailure.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                    .hasMessageContaining(file.toString());
        }
        Path other = WeightFiles.folder().resolve("resnet_zip.pth");
        assertThatThrownBy(() -> run(other, null)).hasMessageStartingWith(other + " is no usable resnet10w16 with ");
    }

    @Test
    void aFolderOfFilesIsNoFile() throws IOException {
        Files.writeString(folder.resolve("a.pth"), "");
        Files.writeString(folder.resolve("b.pth"), "");
        assertThatThrownBy(() -> run(folder, null))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessage(
                        folder
                                + " must be one file of weights, or a checkpoint that pre-training has kept; found several files");
    }

    @Test
    void theEncoderOfAKeptCheckpointIsThatOfPreTraining() throws IOException {
        Path ours = ours(1);
        ArtifactStore store = new ArtifactStore(new FolderObjectStore(folder.resolve("store")));
        Checkpoints checkpoints = store.checkpoints(Stage.PRETRAIN, "k");
        Path state = Files.createDirectory(folder.resolve("state"));
        Files.write(state.resolve("query.f32"), new byte[8]);
        checkpoints.save(8, state);
        Files.copy(ours, state.resolve(EncoderFile.NAME));
        checkpoints.save(12, state, true);
        Path kept = folder.resolve("store").resolve(checkpoints.path(12));
        // Of another attempt at this step, which the list does not have.
        Path other = Files.createDirectories(kept.resolve("files/" + "0".repeat(64)));
        Files.write(other.resolve(EncoderFile.NAME), new byte[8]);

        StageOutput output = run(kept, null);

        assertThat(path(output, EncoderFile.NAME)).hasSameBinaryContentAs(ours);
        StageResult.Imported result = (StageResult.Imported) output.result();
        assertThat(result.file()).isEqualTo("checkpoint of step 12");
        assertThat(result.sha256()).isEqualTo(Sha256.of(Files.readAllBytes(ours)));

        Path without = folder.resolve("store").resolve(checkpoints.path(8));
        assertThatThrownBy(() -> run(without, null))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessage(without + " is a checkpoint without encoder.safetensors; those that"
                        + " spec.retention.checkpoints keeps have one");
        Files.writeString(kept.resolve(Checkpoints.LIST), "{");
        assertThatThrownBy(() -> run(kept, null))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA));
    }

    private StageOutput run(Path file, @Nullable Initial initial) throws IOException {
        WeightsConfig config = new WeightsConfig(NETWORK, "listing", initial);
        FolderContext context = new FolderContext(Files.createTempDirectory("weights"), config, 1);
        context.source = file.toString();
        return new ImportWeights().run(config, context);
    }

    private static Initial initial(
            Head head, int dimension, int queueSize, boolean keyEncoder, boolean queue, boolean optimizer) {
        return new Initial(head, dimension, queueSize, keyEncoder, queue, optimizer);
    }

    private static Path path(StageOutput output, String name) {
        return Objects.requireNonNull(output.files().get(name));
    }

    private Path ours(long seed) throws IOException {
        EncoderLayout layout = EncoderLayout.of(NETWORK, Head.MLP, DIMENSION);
        Path file = folder.resolve("ours-" + seed + ".safetensors");
        EncoderFile.write(file, layout, EncoderWeights.initial(layout, seed));
        return file;
    }

    /** A checkpoint whose queue has its columns' numbers in its first row, and whose next key replaces column 2. */
    private Path moco() throws IOException {
        Map<String, FloatTensor> tensors = new LinkedHashMap<>();
        EncoderImport.read(ours(1))
                .encoder()
                .tensors()
                .forEach((name, value) -> tensors.put("encoder_q." + name, value));
        EncoderImport.read(ours(2))
                .encoder()
                .tensors()
                .forEach((name, value) -> tensors.put("encoder_k." + name, value));
        float[] keys = new float[DIMENSION * QUEUE];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = i;
        }
        tensors.put("queue", new FloatTensor(List.of(DIMENSION, QUEUE), keys));
        Path file = folder.resolve("moco.safetensors");
        Safetensors.write(file, tensors, Map.of("queue_ptr", 2L));
        return file;
    }

    private static void assertEqual(Map<String, FloatTensor> found, Map<String, FloatTensor> expected) {
        assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
        found.forEach((name, tensor) -> assertThat(tensor.values())
                .as(name)
                .isEqualTo(Objects.requireNonNull(expected.get(name)).values()));
    }
}
