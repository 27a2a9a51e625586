package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A configuration before and after fields were added to it and to one of its parts. */
class AddedLaterTest {
    private static final Before BEFORE = new Before(new OldPart(0.1), 7);
    private static final After NEUTRAL = after(1.5, 0, null, List.of(2, 1));

    @Test
    void neutralFieldsAreInNoKeyAndInNoJson() {
        assertThat(CanonicalJson.bytes(NEUTRAL)).isEqualTo(CanonicalJson.bytes(BEFORE));
        assertThat(ArtifactKey.of(NEUTRAL, Map.of())).isEqualTo(ArtifactKey.of(BEFORE, Map.of()));
    }

    @Test
    void everyOtherValueHasAKeyOfItsOwn() {
        assertThat(List.of(
                        NEUTRAL,
                        after(1.25, 0, null, List.of(2, 1)),
                        after(1.5, 1, null, List.of(2, 1)),
                        after(1.5, 0, "", List.of(2, 1)),
                        after(1.5, 0, null, List.of(1, 2))))
                .extracting(config -> ArtifactKey.of(config, Map.of()))
                .doesNotHaveDuplicates();
    }

    @Test
    void aFieldThatIsNotInTheJsonIsReadAsNeutral() {
        assertThat(CanonicalJson.read(CanonicalJson.bytes(BEFORE), After.class)).isEqualTo(NEUTRAL);
        After other = after(1.25, 3, "b", List.of());
        assertThat(CanonicalJson.read(CanonicalJson.bytes(other), After.class)).isEqualTo(other);
    }

    @Test
    void oldFieldsRemainRequired() {
        byte[] json = "{\"stage\":\"test\",\"part\":{\"rate\":1.0}}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> CanonicalJson.read(json, After.class))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("seed");
    }

    private static After after(double decay, int layers, @Nullable String name, List<Integer> order) {
        return new After(new NewPart(0.1, decay), 7, layers, name, order);
    }

    record OldPart(double rate) {}

    record Twins(
            @AddedLater(neutral = "0") int first,
            @AddedLater(neutral = "0") int second) {}

    @Test
    void twoFieldsMayHaveTheSameNeutralValue() {
        for (Twins twins : List.of(new Twins(0, 0), new Twins(0, 2), new Twins(3, 0))) {
            assertThat(CanonicalJson.read(CanonicalJson.bytes(twins), Twins.class))
                    .isEqualTo(twins);
        }
        assertThat(new String(CanonicalJson.bytes(new Twins(0, 0)), StandardCharsets.UTF_8))
                .isEqualTo("{}");
    }

    @Test
    void countsOfAPreparedDataSetAreLeftOutWhileTheyAreZero() {
        StageResult.Prepared before = new StageResult.Prepared(3, 2, 1, 9, 0, List.of());
        String json = new String(CanonicalJson.bytes(before), StandardCharsets.UTF_8);
        assertThat(json).doesNotContain("objects", "warned", "clipped");
        assertThat(CanonicalJson.read(json.getBytes(StandardCharsets.UTF_8), StageResult.Prepared.class))
                .isEqualTo(before);
        StageResult.Prepared now = new StageResult.Prepared(
                3, 2, 1, 9, 0, List.of(), 4, StageResult.Named.of(), new StageResult.Named(1, List.of("a: box")));
        assertThat(CanonicalJson.read(CanonicalJson.bytes(now), StageResult.Prepared.class))
                .isEqualTo(now);
    }

    record NewPart(
            double rate, @AddedLater(neutral = "1.50") double decay) {}

    @JsonTypeName("test")
    record Before(OldPart part, long seed) implements TestConfig {}

    @JsonTypeName("test")
    record After(
            NewPart part,
            long seed,
            @AddedLater(neutral = "0") int layers,
            @AddedLater(neutral = "null") @Nullable String name,
            @AddedLater(neutral = "[2, 1]") List<Integer> order)
            implements TestConfig {}

    private interface TestConfig extends StageConfig {
        @Override
        default Stage stage() {
            return Stage.PRETRAIN;
        }

        @Override
        default int batchSize() {
            return 1;
        }

        @Override
        default OptionalLong steps(Optional<StageResult.Prepared> images) {
            return OptionalLong.empty();
        }

        @Override
        default StageConfig stepWork() {
            return this;
        }

        @Override
        default long stepMemory(MemoryNeed.Setting setting) {
            return 0;
        }

        @Override
        default String memoryAdvice() {
            return "";
        }

        @Override
        default boolean sharesMachine() {
            return false;
        }
    }
}
