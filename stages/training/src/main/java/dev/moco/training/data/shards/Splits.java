package dev.moco.training.data.shards;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.training.data.ImageSet;
import java.io.IOException;

/** Opens a split of a prepared data set; {@link ShardedImages#open} for all but tests. */
@FunctionalInterface
public interface Splits {
    ImageSet open(ArtifactReader prepared, Split split) throws IOException;
}
