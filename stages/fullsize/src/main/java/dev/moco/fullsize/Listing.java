package dev.moco.fullsize;

import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** ListObjectsV2: the keys of a bucket with a prefix, by pages of at most a thousand. */
final class Listing {
    private static final int PAGE = 1000;
    /** Behind every key of its beginning. */
    private static final String LAST = "\uffff";

    private final Map<String, KeyedObjects> computed;
    private final NavigableMap<String, StoredContent> stored;
    private final String bucket;

    Listing(Map<String, KeyedObjects> computed, NavigableMap<String, StoredContent> stored, String bucket) {
        this.computed = computed;
        this.stored = stored;
        this.bucket = bucket + "/";
    }

    String page(Map<String, String> query) {
        String prefix = query.getOrDefault("prefix", "");
        String delimiter = query.getOrDefault("delimiter", "");
        int most = Math.min(PAGE, Integer.parseInt(query.getOrDefault("max-keys", "" + PAGE)));
        String after = query.getOrDefault("continuation-token", query.getOrDefault("start-after", ""));
        TreeMap<String, Content> found = new TreeMap<>();
        TreeSet<String> folders = new TreeSet<>();
        boolean more = true;
        while (more && found.size() + folders.size() < most) {
            NavigableMap<String, Content> keys = next(prefix, after, most);
            more = !keys.isEmpty();
            for (Map.Entry<String, Content> key : keys.entrySet()) {
                int end = delimiter.isEmpty() ? -1 : key.getKey().indexOf(delimiter, prefix.length());
                if (end >= 0) {
                    String folder = key.getKey().substring(0, end + delimiter.length());
                    folders.add(folder);
                    after = folder + LAST;
                    break; // the other keys of the folder are passed over
                }
                if (found.size() + folders.size() == most) {
                    break;
                }
                found.put(key.getKey(), key.getValue());
                after = key.getKey();
            }
        }
        return xml(found, folders, !next(prefix, after, 1).isEmpty(), after);
    }

    /** The first keys behind {@code after}. */
    private NavigableMap<String, Content> next(String prefix, String after, int most) {
        TreeMap<String, Content> found = new TreeMap<>();
        computed.forEach((root, objects) -> {
            if (root.startsWith(bucket)) {
                add(found, root.substring(bucket.length()), objects, prefix, after, most);
            }
        });
        String start = bucket + (after.compareTo(prefix) > 0 ? after : prefix);
        int added = 0;
        for (Map.Entry<String, StoredContent> object :
                stored.tailMap(start, true).entrySet()) {
            String key = object.getKey()
                    .substring(Math.min(bucket.length(), object.getKey().length()));
            if (!object.getKey().startsWith(bucket + prefix) || added == most) {
                break;
            }
            if (!key.equals(after)) {
                found.put(key, object.getValue());
                added++;
            }
        }
        while (found.size() > most) {
            found.pollLastEntry();
        }
        return found;
    }

    private static void add(
            Map<String, Content> found, String root, KeyedObjects objects, String prefix, String after, int most) {
        if (!root.startsWith(prefix) && !prefix.startsWith(root)) {
            return;
        }
        String below = prefix.startsWith(root) ? prefix.substring(root.length()) : "";
        int position = 0;
        if (after.startsWith(root)) {
            position = objects.after(after.substring(root.length()));
        } else if (after.compareTo(root) > 0) {
            return;
        }
        if (!below.isEmpty()
                && position < objects.count()
                && objects.key(position).compareTo(below) < 0) {
            position = objects.after(below);
            if (position > 0 && objects.key(position - 1).equals(below)) {
                position--;
            }
        }
        for (int i = position; i < Math.min(objects.count(), position + most); i++) {
            String key = objects.key(i);
            if (!key.startsWith(below)) {
                break;
            }
            found.put(root + key, objects.object(i));
        }
    }

    private static String xml(Map<String, Content> found, Set<String> folders, boolean more, String after) {
        StringBuilder page = new StringBuilder(300 * (found.size() + 1))
                .append("<ListBucketResult><IsTruncated>")
                .append(more)
                .append("</IsTruncated>");
        found.forEach((key, content) -> page.append("<Contents><Key>")
                .append(Answers.escaped(key))
                .append("</Key><LastModified>2012-01-01T00:00:00.000Z</LastModified><ETag>&quot;")
                .append(content.etag())
                .append("&quot;</ETag><Size>")
                .append(content.size())
                .append("</Size><StorageClass>STANDARD</StorageClass></Contents>"));
        folders.forEach(folder -> page.append("<CommonPrefixes><Prefix>")
                .append(Answers.escaped(folder))
                .append("</Prefix></CommonPrefixes>"));
        if (more) {
            page.append("<NextContinuationToken>")
                    .append(Answers.escaped(after))
                    .append("</NextContinuationToken>");
        }
        return page.append("</ListBucketResult>").toString();
    }
}
