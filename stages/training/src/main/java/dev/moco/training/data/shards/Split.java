package dev.moco.training.data.shards;

import java.util.Locale;

/** Splits of a data set: ImageNet has TRAIN and VALIDATION; images without classes have TRAIN; VOC has TRAIN (07 + 12 trainval) and TEST (07 test). */
public enum Split {
    TRAIN,
    VALIDATION,
    TEST;

    /** Name of the split in paths and in the index. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
