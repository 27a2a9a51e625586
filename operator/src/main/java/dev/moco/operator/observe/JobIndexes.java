package dev.moco.operator.observe;

import org.jspecify.annotations.Nullable;

/** Indexes of an Indexed Job as its status lists them: {@code 1,3-5,7}. */
public final class JobIndexes {
    private JobIndexes() {}

    public static boolean contain(@Nullable String listed, int index) {
        if (listed == null || listed.isBlank()) {
            return false;
        }
        for (String range : listed.split(",", -1)) {
            String[] ends = range.strip().split("-", 2);
            if (Integer.parseInt(ends[0]) <= index && index <= Integer.parseInt(ends[ends.length - 1])) {
                return true;
            }
        }
        return false;
    }
}
