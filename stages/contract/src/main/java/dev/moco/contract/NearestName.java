package dev.moco.contract;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Suggests the known name that is most similar to a misspelled one, ignoring case. */
public final class NearestName {
    private NearestName() {}

    /** Returns the first of the most similar names; empty if there are no known names. */
    public static String of(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(
                        candidate -> distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT))))
                .orElse("");
    }

    /** Levenshtein distance: the number of inserted, deleted and replaced characters. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replace = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
