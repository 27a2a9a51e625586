package dev.moco.training.data.shards;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.training.data.ImageSet;
import java.io.IOException;

/** Opens the splits of a prepared data set: {@link ShardedImages#open}, except in tests. */
@FunctionalInterface
public interface Splits {
    ImageSet open(ArtifactReader prepared, Split split) throws IOException;
}
