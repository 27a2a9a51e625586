package dev.moco.training;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Changing a digit of a vector file makes a test fail, so that each number of the files is compared by a test. One
 * number of each path is changed; in files that are slow to test, all paths are tried only with {@code
 * -Dmoco.mutate=all}.
 */
@DisabledIfSystemProperty(named = "moco.vectors", matches = ".+", disabledReason = "the committed files are changed")
class VectorMutationTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final boolean ALL = System.getProperty("moco.mutate", "").equals("all");

    /** Files that are slow to test, of which only one path in so many is changed. */
    private static final Map<String, Integer> SLOW = Map.of(
            "41_resnet_forward.json", 30,
            "57_end_to_end_steps.json", 5,
            "58_simclr_steps.json", 5,
            "59_supervised_steps.json", 5);

    private static final String UNMATCHED = "no detection is near this object, so that its position has no effect";

    private static final String LATER_KIND = "a later kind of precise BN: results must only differ from it";

    private static final String NOTHING_DRAWN = "nothing is drawn in this file";

    private static final String ROUNDING = "rounding errors of the reference";

    /** Numbers without an effect on any result, with the reason. */
    private static final Map<String, String> WITHOUT_EFFECT = Map.ofEntries(
            entry("29_precise_bn.json iters", "a setting: the number of batches of the estimate"),
            entry(
                    "29_precise_bn.json batch_sizes_N_H_W[]",
                    "weights of a later kind of precise BN, which is not computed"),
            entry("29_precise_bn.json pop_mean[]", LATER_KIND),
            entry("29_precise_bn.json pop_var[]", LATER_KIND),
            entry("32_voc_vs_coco_dataset.json gt_voc_1based_inclusive_[box,difficult].person.000002[][][]", UNMATCHED),
            entry("32_voc_vs_coco_dataset.json gt_voc_1based_inclusive_[box,difficult].person.000003[][][]", UNMATCHED),
            entry("32_voc_vs_coco_dataset.json gt_voc_1based_inclusive_[box,difficult].dog.000003[][][]", UNMATCHED),
            entry("32_voc_vs_coco_dataset.json gt_voc_1based_inclusive_[box,difficult].dog.000004[][][]", UNMATCHED),
            entry(
                    "41_resnet_forward.json runs[].float32_vs_float64_max_abs_diff_train",
                    "rounding errors of the reference in float32, used as a tolerance"),
            entry("50_end_to_end.json seed_offset", NOTHING_DRAWN),
            entry("51_nt_xent.json seed_offset", NOTHING_DRAWN),
            entry("52_lars.json seed_offset", NOTHING_DRAWN),
            entry("53_schedules.json seed_offset", NOTHING_DRAWN),
            entry("54_strong_colour.json seed_offset", NOTHING_DRAWN),
            entry("55_sync_bn.json seed_offset", NOTHING_DRAWN),
            entry(
                    "56_grad_cache.json a_end_to_end_bn_group_is_micro_batch.checked.max_relative_gap_cached_vs_one_graph",
                    ROUNDING),
            entry("56_grad_cache.json b_simclr_global_bn.checked.max_relative_gap_chunked_vs_one_graph", ROUNDING),
            entry("60_key_maps.json seed_offset", NOTHING_DRAWN),
            entry("61_table3.json paper.moco_256.memory_G", "a number of the paper from which no other follows"),
            entry("61_table3.json seed_offset", NOTHING_DRAWN));

    @TempDir
    private static Path vectors;

    private static List<String> files = List.of();
    private static List<Class<?>> classes = List.of();

    @BeforeAll
    static void copy() throws IOException, URISyntaxException {
        files = files();
        classes = VectorClasses.naming(files);
        for (String file : files) {
            Files.copy(committed().resolve(file), vectors.resolve(file));
        }
    }

    static List<String> files() throws IOException, URISyntaxException {
        try (Stream<Path> paths = Files.list(committed())) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    static List<Class<?>> classes() throws IOException, URISyntaxException {
        return VectorClasses.naming(files());
    }

    private static Path committed() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(VectorMutationTest.class.getResource("/vectors"))
                .toURI());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("classes")
    void unchangedFilesPass(Class<?> type) {
        assertThat(VectorClasses.run(type, vectors).getFailures()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void aChangedDigitFailsATest(String file) throws IOException {
        List<Class<?>> tests = classes.stream()
                .filter(type -> VectorClasses.named(type, List.of(file)) > 0)
                .toList();
        assertThat(tests).as("classes that name the file").isNotEmpty();
        JsonNode content = JSON.readTree(vectors.resolve(file).toFile());
        List<Map.Entry<String, List<JsonPointer>>> paths =
                List.copyOf(VectorPaths.of(content).entrySet());
        List<String> undetected = new ArrayList<>();
        try {
            for (int i = 0; i < paths.size(); i += ALL ? 1 : SLOW.getOrDefault(file, 1)) {
                VectorChange change =
                        VectorChange.of(file, content, paths.get(i).getValue());
                JSON.writeValue(vectors.resolve(file).toFile(), change.in(content));
                if (!WITHOUT_EFFECT.containsKey(file + " " + paths.get(i).getKey())
                        && tests.stream().noneMatch(VectorMutationTest::fails)) {
                    undetected.add(paths.get(i).getKey() + ": " + change);
                }
            }
        } finally {
            JSON.writeValue(vectors.resolve(file).toFile(), content);
        }
        assertThat(undetected).as("changes that no test detected").isEmpty();
    }

    private static boolean fails(Class<?> type) {
        return VectorClasses.run(type, vectors).getTotalFailureCount() > 0;
    }
}
