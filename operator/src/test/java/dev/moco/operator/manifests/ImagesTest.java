package dev.moco.operator.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.JvmMemory;
import dev.moco.operator.local.OperatorJvm;
import dev.moco.operator.local.TrainingJvm;
import dev.moco.operator.plan.StageVariables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Properties of the images that follow from their Dockerfiles. */
class ImagesTest {
    private static final Path HOME = Path.of("..");
    private static final String USER = "65532:65532";

    private final Dockerfile operator = Dockerfile.read(HOME.resolve("operator/Dockerfile"));
    private final Dockerfile stages = Dockerfile.read(HOME.resolve("stages/Dockerfile"));

    private Stream<Dockerfile.BuildStage> all() {
        return Stream.of(operator, stages).flatMap(file -> file.stages().stream());
    }

    @Test
    void everyBaseIsPinnedByTagAndDigest() {
        Set<String> own = all().map(Dockerfile.BuildStage::name).collect(Collectors.toSet());
        assertThat(all().map(Dockerfile.BuildStage::base).filter(base -> !own.contains(base)))
                .isNotEmpty()
                .allMatch(base -> base.matches("[a-z/-]+:\\d+\\.\\d+[\\w.-]*@sha256:[0-9a-f]{64}"));
    }

    @Test
    void copiedFilesExistAndAreInTheBuildContext() {
        List<String> allowed = ManifestFiles.text(HOME.resolve(".dockerignore"))
                .lines()
                .filter(line -> line.startsWith("!"))
                .map(line -> line.substring(1))
                .toList();
        assertThat(all().flatMap(Dockerfile.BuildStage::copiedFromContext))
                .isNotEmpty()
                .allSatisfy(source -> {
                    assertThat(HOME.resolve(source)).exists();
                    assertThat(allowed).anyMatch(path -> (path + "/").startsWith(source + "/"));
                });
    }

    @Test
    void everyModuleIsInTheBuildContext() {
        String pom = ManifestFiles.text(HOME.resolve("pom.xml"));
        String allowed = ManifestFiles.text(HOME.resolve(".dockerignore"));
        Matcher modules = Pattern.compile("<module>([^<]+)</module>").matcher(pom);
        assertThat(modules.results().map(match -> match.group(1))).isNotEmpty().allSatisfy(module -> {
            assertThat(allowed.lines()).contains("!" + module + "/pom.xml", "!" + module + "/src/main");
        });
    }

    @Test
    void aFailureInAPipeCannotBeMissed() {
        assertThat(all().flatMap(stage -> stage.all("RUN")))
                .isNotEmpty()
                .noneMatch(run -> run.matches(".*[^|]\\|[^|].*"));
    }

    /** Builders that build every stage up to their target need nothing else for it. */
    @Test
    void everyStageBeforeCpuIsAPartOfIt() {
        Dockerfile.BuildStage cpu = stages.stage("cpu");
        assertThat(stages.stages().stream().takeWhile(stage -> !stage.equals(cpu)))
                .isNotEmpty()
                .allMatch(stage -> cpu.base().equals(stage.name())
                        || cpu.all("COPY").anyMatch(copy -> copy.startsWith("--from=" + stage.name() + " ")));
    }

    @Test
    void versionsEqualThoseOfTheBuild() {
        String pytorch = property("pytorch.version");
        assertThat(stages.stage("cpu").environment()).containsEntry("PYTORCH_VERSION", pytorch);
        assertThat(stages.stage("cuda").environment()).containsEntry("PYTORCH_VERSION", pytorch);
        String flavor = stages.stage("cuda").environment().get("PYTORCH_FLAVOR");
        assertThat(ManifestFiles.text(HOME.resolve("stages/libtorch.txt")).lines())
                .anyMatch(line -> line.startsWith("torch==" + pytorch + "+" + flavor + " --hash=sha256:"))
                .filteredOn(line -> line.contains("=="))
                .allMatch(line -> line.matches("[a-z0-9-]+==\\S+ --hash=sha256:[0-9a-f]{64}"));
        String tag = property("project.version");
        assertThat(ManifestFiles.text(ManifestFiles.ROOT.resolve("operator/deployment.yaml")))
                .contains("moco-operator:" + tag, "moco-stages:" + tag);
    }

    private static String property(String name) {
        String pom = ManifestFiles.text(HOME.resolve("pom.xml"));
        String element = name.equals("project.version") ? "version" : Pattern.quote(name);
        Matcher value =
                Pattern.compile("<" + element + ">([^<]+?)(-SNAPSHOT)?</").matcher(pom);
        assertThat(value.find()).isTrue();
        return value.group(1);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"cpu", "cuda"})
    void theStageImageUsesTheCommandOfMocoRun(String target, @TempDir Path home) throws IOException {
        Path classPath = home.resolve("lib/moco-training.classpath");
        Files.createDirectories(classPath.getParent());
        Files.writeString(classPath, "");
        TrainingJvm jvm = new TrainingJvm(home, home.resolve("engine"));
        ProcessBuilder local = jvm.process(JvmMemory.of(1), TrainingJvm.STAGE_MAIN, List.of(), Map.of());
        Dockerfile.BuildStage image = stages.stage(target);
        assertThat(image.environment())
                .containsEntry(StageVariables.JVM, jvm.imageVariables().get(StageVariables.JVM));
        List<String> flags = local.command().stream()
                .filter(word -> !JvmMemory.of(1).flags().contains(word))
                .filter(word -> word.startsWith("-X") || word.startsWith("-D") || word.startsWith("--"))
                .toList();
        List<String> entry = image.entryPoint();
        assertThat(entry.subList(1, 1 + flags.size())).isEqualTo(flags);
        assertThat(entry.subList(1 + flags.size(), entry.size()))
                .containsExactly("@/opt/moco/app/classpath", "dev.moco.training.StageMain");
        assertThat(image.environment()).containsAllEntriesOf(set(local));
        assertThat(image.all("USER")).containsExactly(USER);
    }

    /** Variables of a stage that differ from this process's own, without the engine's folder, which differs in an image. */
    private static Map<String, String> set(ProcessBuilder local) {
        return local.environment().entrySet().stream()
                .filter(variable -> !variable.getValue().equals(System.getenv(variable.getKey())))
                .filter(variable -> !variable.getKey().equals("DJL_CACHE_DIR"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Test
    void theOperatorsImageUsesTheCommandOfTheCheckout() {
        List<String> entry = new ArrayList<>(List.of("java", "-XX:MaxRAMPercentage=50"));
        entry.addAll(OperatorJvm.FLAGS);
        entry.addAll(List.of("@/opt/moco/app/classpath", "dev.moco.operator.cli.Main"));
        assertThat(operator.finalStage().entryPoint()).isEqualTo(entry);
        assertThat(operator.finalStage().environment()).containsAllEntriesOf(OperatorJvm.VARIABLES);
        assertThat(operator.finalStage().all("USER")).containsExactly(USER);
    }

    /** The image's class path holds the runtime scope; ImagesIT reads it as the build resolved it. */
    @Test
    void theOperatorsImageHasNoLocalCluster() {
        String pom = ManifestFiles.text(HOME.resolve("operator/pom.xml"));
        assertThat(Pattern.compile("<artifactId>moco-localcluster</artifactId>(.*?)</dependency>", Pattern.DOTALL)
                        .matcher(pom)
                        .results()
                        .map(dependency -> dependency.group(1)))
                .hasSize(2)
                .allMatch(dependency -> dependency.contains("<scope>test</scope>"));
    }

    @Test
    void imagesContainTheQuickstartsData() {
        assertThat(Stream.of(operator.finalStage(), stages.stage("cpu"), stages.stage("cuda")))
                .allSatisfy(image -> {
                    String root = image.environment().get("MOCO_DATA_ROOT");
                    assertThat(image.all("COPY")).contains("--from=build /out/data " + root + "/data");
                });
    }
}
