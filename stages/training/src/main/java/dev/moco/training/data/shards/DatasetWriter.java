package dev.moco.training.data.shards;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.PrepareConfig;
import dev.moco.training.data.shards.DatasetIndex.Shard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the index of a data set whose shards are finished. */
public final class DatasetWriter {
    private final Path folder;
    private final Map<String, DatasetIndex.Shards> splits = new LinkedHashMap<>();

    public DatasetWriter(Path folder) {
        this.folder = folder;
    }

    public DatasetIndex.Shards add(Split split, List<Shard> shards) {
        DatasetIndex.Shards added = DatasetIndex.Shards.of(shards);
        splits.put(split.id(), added);
        return added;
    }

    /** Writes {@code index.json}; returns its local path. */
    public Path finish(PrepareConfig config, List<String> classNames) throws IOException {
        DatasetIndex index = new DatasetIndex(
                DatasetIndex.VERSION, config.dataset(), config.seed(), config.shardImages(), classNames, splits);
        return Files.write(folder.resolve(DatasetIndex.FILE), CanonicalJson.bytes(index));
    }
}
