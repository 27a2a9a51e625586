package dev.moco.training.prepare;

import dev.moco.contract.ImageNames;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.shards.Split;
import dev.moco.training.prepare.RawFiles.RawFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Lists the images below a folder, whatever its folders are. An image's name is its path; none has a class. */
final class UnlabeledLayout {
    private static final int NO_CLASS = -1;

    private UnlabeledLayout() {}

    static RawDataset list(RawFiles files, ListingProgress progress) throws IOException {
        List<RawImage> images = new ArrayList<>();
        files.list(file -> {
            progress.listed();
            if (ImageNames.isImage(file.path()) && !isHidden(file)) {
                images.add(new RawImage(file.path(), new Extent(file.path(), 0, file.size()), NO_CLASS, null));
            }
        });
        if (images.isEmpty()) {
            throw StageFailure.badData("no images; images are files named " + ImageNames.LIST
                    + ", and with spec.data.unlabeled they are not in archives");
        }
        images.sort(Comparator.comparing(RawImage::id));
        return new RawDataset(List.of(), Map.of(Split.TRAIN, images));
    }

    /** In a folder such as {@code .moco} or {@code .Trash}. */
    private static boolean isHidden(RawFile file) {
        return file.path().startsWith(".") || file.path().contains("/.");
    }
}
