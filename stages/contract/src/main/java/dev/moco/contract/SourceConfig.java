package dev.moco.contract;

import java.util.Optional;
import java.util.OptionalLong;

/** Configuration of a stage that reads raw data or weights from outside the store, known by a fingerprint of their listing. */
public interface SourceConfig extends StageConfig {
    /** SHA-256 of the source's listing, so that a changed source has another key; empty before it is listed. */
    String sourceFingerprint();

    /** This configuration for a source whose listing has another fingerprint. */
    SourceConfig withSourceFingerprint(String fingerprint);

    @Override
    default int batchSize() {
        return 1;
    }

    /** It trains nothing. */
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
        return "give it more";
    }

    @Override
    default boolean sharesMachine() {
        return false;
    }
}
