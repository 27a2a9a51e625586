package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.StepTimes;
import dev.moco.contract.Architecture;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class BenchMainTest {
    private static final String TINY_STEP =
            "step --arch RESNET10W16 --image-size 32 --batch-size 8 --queue-size 64 --warmup 1 --steps 2";

    private final PrintStream consoleOut = System.out;
    private final PrintStream consoleError = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream error = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(consoleOut);
        System.setErr(consoleError);
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @Test
    void aStepOnRandomImagesIsTimed() throws IOException {
        JsonNode step = json(TINY_STEP + " --ranks 2");
        assertTimed(step, "step", 2);
        assertThat(step.path("settings").path("queueSize").intValue()).isEqualTo(64);
        assertThat(step.path("settings").path("precision").textValue()).isEqualTo("float32");
        assertThat(step.path("settings").path("ranks").intValue()).isEqualTo(2);
        assertThat(step.path("versions").path("pytorch").textValue()).isNotEmpty();
        assertThat(step.has("dataWaitShare")).isFalse();
        assertThat(error.toString(StandardCharsets.UTF_8)).contains("moco: step 2 of 2, ");
    }

    @Test
    void theOperationsOfAStepAreTraced() throws IOException {
        Path trace = folder.resolve("trace.json");
        assertThat(execute(TINY_STEP + " --trace " + trace)).isEqualTo(ExitCode.DONE);
        assertThat(new JsonMapper().readTree(trace.toFile()).findValuesAsText("name"))
                .contains("aten::conv2d", "aten::convolution_backward", "aten::cross_entropy_loss");
    }

    @Test
    void theTimeOfAStepIsSavedForPlans() throws IOException {
        JsonNode step = json(TINY_STEP + " --threads 1");
        PretrainConfig config = new PretrainConfig(
                Architecture.RESNET10W16,
                Head.MLP,
                128,
                32,
                Augmentation.V1,
                200,
                8,
                1,
                new Contrast(64, 0.07, 0.99),
                new Optimizer(0.1, 0.9, 1e-4, Optimizer.Schedule.STEP, List.of(120)),
                Precision.FLOAT32,
                5);
        assertThat(new StepTimes(folder.resolve("work")).seconds(config, 1))
                .hasValue(step.path("stepSecondsMedian").doubleValue());
    }

    @Test
    void cudaWithoutAGpuIsABadConfiguration() {
        assumeFalse(seesGpu(), "there is a GPU");
        assertThat(execute(TINY_STEP + " --device cuda")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(error.toString(StandardCharsets.UTF_8)).contains("the engine sees no GPU", "PYTORCH_LIBRARY_PATH");
    }

    @Test
    void augmentationOnTheDeviceIsTimed() throws IOException {
        JsonNode augment = json("augment --image-size 32 --batch-size 4 --warmup 1 --steps 2");
        assertTimed(augment, "augment", 2);
        assertThat(augment.path("settings").path("device").textValue()).isEqualTo("cpu");
    }

    @Test
    void ncclRunsOnAGpuOnly() throws IOException {
        if (seesGpu()) {
            assertThat(json("nccl --arch resnet10w16 --steps 2")
                            .path("gigabytesPerSecond")
                            .doubleValue())
                    .isPositive();
        } else {
            assertThat(execute("nccl")).isEqualTo(ExitCode.BAD_CONFIG);
            assertThat(error.toString(StandardCharsets.UTF_8)).startsWith("moco: the engine sees no GPU; it needs ");
        }
    }

    @Test
    void aStepOnImagesOfAFolderReportsWhetherTheLoaderKeepsUp() throws IOException {
        JsonNode step = json(TINY_STEP + " --data " + images());
        assertTimed(step, "step", 2);
        assertThat(step.path("dataWaitShare").doubleValue()).isBetween(0.0, 1.0);
        assertThat(step.path("keepsUp").booleanValue())
                .isEqualTo(step.path("loaderImagesPerSecond").doubleValue()
                        >= step.path("deviceImagesPerSecond").doubleValue());
    }

    @Test
    void theTextReportHasALineForEachResult() throws IOException {
        assertThat(execute(TINY_STEP + " --data " + images())).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("bench step: MoCo step, resnet10w16, mlp head, 32 px, batch 8, 1 rank, K 64, float32, ")
                .containsPattern("images/s +[0-9.]+ \\([0-9.]+ to [0-9.]+\\)")
                .containsPattern("the loader makes [0-9.]+ images/s, the device takes [0-9.]+: (keeps up|falls behind)")
                .containsPattern("peak memory +[0-9]+ MiB");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"host", "color", "decode"})
    void inputIsTimedInEveryMode(String mode) throws IOException {
        JsonNode input = json(
                "input " + photograph() + " --images 400 --warmup 4 --batch-size 4 --image-size 24 --mode " + mode);
        assertTimed(input, "input", 5);
        assertThat(input.path("imagesPerCoreSecond").doubleValue()).isPositive();
        assertThat(input.path("settings").path("mode").textValue()).isEqualTo(mode);
        assertThat(input.path("settings").path("files").intValue()).isEqualTo(1);
    }

    @ParameterizedTest(name = "detect{0}")
    @CsvSource({"''", "' --infer'"})
    void anIterationOfDetectionIsTimed(String infer) throws IOException {
        JsonNode detect = json("detect --arch resnet10w16 --batch-size 1 --height 64 --width 96 --boxes 2 --warmup 0"
                + " --steps 1" + infer);
        assertTimed(detect, "detect", 1);
        assertThat(detect.path("settings").path("infer").booleanValue()).isEqualTo(!infer.isEmpty());
    }

    @Test
    void aStoreIsReadTwoWaysAndItsObjectsAreDeleted() throws IOException {
        try (EmbeddedS3 server = EmbeddedS3.start(folder.resolve("s3"))) {
            out.reset(); // the server may have logged its start; outside of tests it is another process
            System.setProperty("aws.accessKeyId", server.environment().get("AWS_ACCESS_KEY_ID"));
            System.setProperty("aws.secretAccessKey", server.environment().get("AWS_SECRET_ACCESS_KEY"));
            JsonNode store = json("store --mib 3 --object-mib 2 --rounds 2 --connections 2 --store s3://moco/some/where"
                    + " --endpoint " + server.location().endpoint());
            assertTimed(store, "store", 2);
            assertThat(store.path("verifiedToPlain").doubleValue())
                    .isEqualTo(store.path("verifiedMbPerSecond").doubleValue()
                            / store.path("plainMbPerSecond").doubleValue());
            assertThat(store.path("verifiedToSha256").doubleValue())
                    .isEqualTo(store.path("verifiedMbPerSecond").doubleValue()
                            / store.path("sha256MbPerSecond").doubleValue());
        }
        assertThat(files(folder.resolve("s3"))).isEmpty();
        assertThat(files(folder.resolve("work"))).isEmpty();
    }

    @Test
    void theMessageForAnUnknownArchitectureListsTheKnownOnes() {
        assertThat(execute("step --arch resnet51")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(error.toString(StandardCharsets.UTF_8))
                .startsWith("moco: Invalid value for option '--arch': unknown architecture \"resnet51\"; known"
                        + " are: resnet10w16, resnet18, resnet34, resnet50, resnet101, resnet152\n");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            step --batch-size 24         | pretrain.queueSize must be a multiple of pretrain.batchSize, found 65536 with \
            a batch of 24
            step --batch-size 32 --ranks 3 | pretrain.batchSize must be a multiple of pretrain.ranks, found 32 with 3 ranks
            step --steps 0               | --steps must be at least 1, found 0
            detect --threads 0           | --threads must be at least 1, found 0
            store                        | --store s3://bucket/prefix is required; only `moco bench` starts an embedded S3
            store --store bucket         | --store must be s3://bucket/prefix, found "bucket"
            world --devices 2,3          | the number of devices must divide the number of ranks, found 3 devices with 8 \
            ranks; possible are 1, 2, 4, 8
            world --parts files          | --parts has files, which need --data
            world --data no/such         | no folder no/such; it must hold class folders of JPEGs or PNGs
            world --batch-size 12        | --batch-size must be at least 16, found 12
            world --batch-size 20        | pretrain.queueSize must be a multiple of pretrain.batchSize, found 1024 with a \
            batch of 20
            input no/such                | no folder no/such; it must hold class folders of JPEGs or PNGs
            """)
    void aBadConfigurationIsReportedInOneLine(String arguments, String message) {
        assertThat(execute(arguments)).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(error.toString(StandardCharsets.UTF_8)).isEqualTo("moco: " + message + "\n");
        assertThat(out.size()).isZero();
    }

    @Test
    void nothingIsMeasuredTogetherAfterTheTimeAllowed() throws IOException {
        assertThat(execute("world --minutes 0 -o json")).isEqualTo(ExitCode.INTERRUPTED);
        JsonNode page = new JsonMapper().readTree(out.toByteArray());
        assertThat(page.path("results")).isEmpty();
        assertThat(page.path("failure").path("message").textValue())
                .isEqualTo("stopped before collectives on 2 devices, after 0 minutes");
        assertThat(page.path("settings").path("devices").toString()).isEqualTo("[1,2]");
        assertThat(files(folder.resolve("work")).stream()
                        .map(file -> file.getFileName().toString())
                        .sorted())
                .containsExactly("bench-world.json", "bench-world.txt");
    }

    @Test
    void theMessageWithoutABenchListsThem() {
        assertThat(BenchMain.execute()).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(error.toString(StandardCharsets.UTF_8))
                .startsWith("moco: no command given; commands are: step, input, detect, store, augment, nccl, world\n");
    }

    @Test
    void aFolderWithoutImagesIsABadConfiguration() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty/class"));
        Files.writeString(empty.resolve("notes.txt"), "none");
        assertThat(execute("input " + empty)).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(error.toString(StandardCharsets.UTF_8))
                .isEqualTo("moco: no .jpg, .jpeg or .png file below " + empty
                        + "; it must hold class folders of JPEGs or PNGs\n");
    }

    private static void assertTimed(JsonNode report, String bench, int steps) {
        assertThat(report.path("bench").textValue()).isEqualTo(bench);
        assertThat(report.path("stepSeconds")).hasSize(steps);
        assertThat(report.path("imagesPerSecond").doubleValue())
                .isBetween(
                        report.path("imagesPerSecondMin").doubleValue(),
                        report.path("imagesPerSecondMax").doubleValue());
        assertThat(report.path("stepSecondsMedian").doubleValue())
                .isBetween(
                        report.path("stepSecondsMin").doubleValue(),
                        report.path("stepSecondsMax").doubleValue());
        assertThat(report.path("peakRssMib").longValue()).isPositive();
        assertThat(report.path("threads").intValue()).isPositive();
        assertThat(report.path("versions").has("java")).isTrue();
    }

    private JsonNode json(String arguments) throws IOException {
        assertThat(execute(arguments + " -o json"))
                .as(error.toString(StandardCharsets.UTF_8))
                .isEqualTo(ExitCode.DONE);
        return new JsonMapper().readTree(out.toByteArray());
    }

    private static boolean seesGpu() {
        return Engine.getEngine("PyTorch").hasCapability(StandardCapabilities.CUDA);
    }

    private int execute(String arguments) {
        List<String> all =
                new ArrayList<>(List.of("--work", folder.resolve("work").toString()));
        all.addAll(List.of(arguments.split(" ")));
        return BenchMain.execute(all.toArray(String[]::new));
    }

    /** Three images of two classes. */
    private Path images() throws IOException {
        Path images = folder.resolve("images");
        for (String name : List.of("one/exif-1.jpg", "one/rgb.png", "two/ycc-1.jpg")) {
            Path file = images.resolve(name);
            Files.createDirectories(file.getParent());
            try (InputStream in = BenchMainTest.class.getResourceAsStream("/images/" + file.getFileName())) {
                Files.copy(in, file);
            }
        }
        return images;
    }

    /** One image, large enough that the time of decoding it 400 times can be measured. */
    private Path photograph() throws IOException {
        Path file = folder.resolve("photographs/one/noise.jpg");
        Files.createDirectories(file.getParent());
        BufferedImage image = new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(0);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, random.nextInt());
            }
        }
        ImageIO.write(image, "jpeg", file.toFile());
        return folder.resolve("photographs");
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
