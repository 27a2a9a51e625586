package dev.moco.training.prepare;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.Manifest;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.Stage;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import dev.moco.training.stage.StageRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The prepare stage of class folders, from its start to its commit. */
record PrepareStage(Path source, Path folder, int shardImages) {
    private static final String FOX = "n02119789";
    private static final String SETTER = "n02100735";

    /** Writes so many training images, and half as many for validation; no two are equal. */
    static PrepareStage of(Path folder, int images, int shardImages) throws IOException {
        Path source = folder.resolve("source");
        RawFolder raw = new RawFolder(source);
        for (int i = 0; i < images; i++) {
            raw.put("train/" + (i % 2 == 0 ? FOX : SETTER) + "/" + i + ".JPEG", RawFolder.image("jpg", 8 + i, 8, i));
        }
        for (int i = 0; i < images / 2; i++) {
            raw.put("val/" + (i % 2 == 0 ? FOX : SETTER) + "/" + i + ".JPEG", RawFolder.image("jpg", 8, 9 + i, i));
        }
        return new PrepareStage(source, folder, shardImages);
    }

    PrepareConfig config() {
        return new PrepareConfig(Dataset.IMAGENET, "fingerprint", OnBadImage.FAIL, List.of(), shardImages, 7);
    }

    String key() {
        return ArtifactKey.of(config(), Map.of());
    }

    String prefix() {
        return ArtifactKey.prefix(Stage.PREPARE, key());
    }

    Path cache() {
        return folder.resolve("cache");
    }

    StageTask task(StoreLocation location) {
        return new StageTask(
                "tiny",
                "prepare-imagenet",
                key(),
                config(),
                Map.of(),
                source.toString(),
                location,
                new StageTask.Execution(2, cache().toString(), 60, 1, null, false));
    }

    Manifest run(ObjectStore objects, BooleanSupplier stop) throws IOException, InterruptedException {
        StageTask task = task(new StoreLocation("bucket", "", null, null, true, true));
        try (StageRun run = new StageRun(task, new ArtifactStore(objects), stop, Map.of(), () -> 0)) {
            return run.execute(new Prepare(), config());
        }
    }
}
