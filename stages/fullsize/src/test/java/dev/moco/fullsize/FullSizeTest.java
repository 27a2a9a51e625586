package dev.moco.fullsize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The data sets of the real size, whose images are not read. */
class FullSizeTest {
    @Test
    void imagenetHasItsSize() {
        ImagePool pool = ImagePool.full();
        Imagenet imagenet = new Imagenet(pool, 1000, 1_281_167, 50_000);
        KeyedObjects archives = imagenet.archives();
        // ILSVRC2012_img_train.tar has 147,897,477,120 bytes, ILSVRC2012_img_val.tar 6,744,924,160.
        assertThat(size(archives, "ILSVRC2012_img_train.tar")).isBetween(140_000_000_000L, 156_000_000_000L);
        assertThat(size(archives, "ILSVRC2012_img_val.tar")).isBetween(5_400_000_000L, 7_000_000_000L);
        KeyedObjects folders = imagenet.folders();
        assertThat(folders.count()).isEqualTo(1_331_167);
        for (int position = 0; position < folders.count(); position += 9973) {
            String key = folders.key(position);
            assertThat(folders.find(key)).as(key).isNotNull();
            assertThat(folders.after(key)).isEqualTo(position + 1);
            assertThat(folders.key(position + 1)).isGreaterThan(key);
        }
        assertThat(folders.find("train/n01440764/missing.JPEG")).isNull();
    }

    @Test
    void vocHasItsSize() {
        KeyedObjects archives = new Voc(ImagePool.small(), 1).archives();
        // The real ones have 460, 451 and 2,000 million bytes, with segmentations.
        assertThat(size(archives, "VOCtrainval_06-Nov-2007.tar")).isBetween(400_000_000L, 700_000_000L);
        assertThat(size(archives, "VOCtest_06-Nov-2007.tar")).isBetween(400_000_000L, 700_000_000L);
        assertThat(size(archives, "VOCtrainval_11-May-2012.tar")).isBetween(1_500_000_000L, 2_300_000_000L);
    }

    private static long size(KeyedObjects objects, String key) {
        return Objects.requireNonNull(objects.find(key), key).size();
    }
}
