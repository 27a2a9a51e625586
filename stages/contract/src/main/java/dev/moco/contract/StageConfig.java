package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Configuration of a stage. It is part of the stage's key, so it has exactly the settings that change the result. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "stage")
public interface StageConfig {
    @JsonIgnore
    Stage stage();

    /** Seed of all random numbers of the stage. */
    long seed();

    /** Images of one step. */
    int batchSize();

    /** Arithmetic of forward and backward passes; null of a stage that has none. */
    default @Nullable Precision precision() {
        return null;
    }

    /**
     * Steps in all; empty for a stage that does not train, and where they depend on images that are not counted yet. A
     * validation counts as the steps that would take as many images.
     */
    OptionalLong steps(Optional<StageResult.Prepared> images);

    /** Steps that train, as a run counts them: without validations. */
    default OptionalLong trainingSteps(Optional<StageResult.Prepared> images) {
        return steps(images);
    }

    /** This configuration without its seeds, rates and lengths: equal where a step does the same work. */
    StageConfig stepWork();

    /**
     * Memory of the steps of one process at their peak, without that of the process itself, in bytes. It is the GPU's where
     * they compute on one.
     */
    long stepMemory(MemoryNeed.Setting setting);

    /** Direct memory of the batches between loader and steps, in bytes; part of the steps' memory on a CPU. */
    default long batchMemory() {
        return 0;
    }

    /** Java heap of images that wait for a step, in bytes. */
    default long imageMemory() {
        return 0;
    }

    /** Number of devices that the stage takes of those at hand, one process each; it changes no result. */
    default int devices(int atHand) {
        return 1;
    }

    /** Number of these that it takes where nobody asks for a number. */
    default int presetDevices(int atHand) {
        return devices(atHand);
    }

    /** Fails with bad configuration where a number of devices that a person asks for cannot be used. */
    default void requireDevices(int asked) {}

    /** Advice for a person whose machine has too little memory. */
    String memoryAdvice();

    /** True if the local driver lets another stage run beside it, where memory allows. */
    boolean sharesMachine();
}
