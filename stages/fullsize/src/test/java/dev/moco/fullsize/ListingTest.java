package dev.moco.fullsize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ListingTest {
    private static final Pattern KEY = Pattern.compile("<(?:Key|Prefix)>([^<]*)<");
    private static final Pattern TOKEN = Pattern.compile("<NextContinuationToken>([^<]*)<");
    private static final Content CONTENT = Content.of(new byte[] {1});

    private final List<String> keys = IntStream.range(0, 3500)
            .mapToObj(i -> "train/n%02d/%d.JPEG".formatted(i / 1000, i))
            .sorted()
            .toList();
    private final Listing listing;

    ListingTest() {
        Map<String, Content> objects = new HashMap<>();
        keys.forEach(key -> objects.put(key, CONTENT));
        Map<String, KeyedObjects> computed = new TreeMap<>();
        computed.put("bucket/raw/", KeyedObjects.of(objects));
        computed.put("other/", KeyedObjects.of(objects));
        listing = new Listing(computed, new TreeMap<>(), "bucket");
    }

    private List<String> all(Map<String, String> query) {
        List<String> found = new ArrayList<>();
        Map<String, String> next = new HashMap<>(query);
        while (true) {
            String page = listing.page(next);
            Matcher key = KEY.matcher(page);
            int before = found.size();
            while (key.find()) {
                found.add(key.group(1));
            }
            assertThat(found.size() - before).isBetween(0, 1000);
            Matcher token = TOKEN.matcher(page);
            assertThat(page.contains("<IsTruncated>true<")).isEqualTo(token.find());
            if (!page.contains("<IsTruncated>true<")) {
                return found;
            }
            next.put("continuation-token", token.group(1));
        }
    }

    @Test
    void pagesHaveAllKeysInOrder() {
        List<String> raw = keys.stream().map(key -> "raw/" + key).toList();
        assertThat(all(Map.of())).isEqualTo(raw);
        assertThat(all(Map.of("prefix", "raw/train/"))).isEqualTo(raw);
        assertThat(all(Map.of("prefix", "raw/train/n02/")))
                .isEqualTo(raw.stream()
                        .filter(key -> key.startsWith("raw/train/n02/"))
                        .toList());
        assertThat(all(Map.of("prefix", "raw/train/n02/2500.JPEG"))).containsExactly("raw/train/n02/2500.JPEG");
        assertThat(all(Map.of("start-after", raw.get(3000)))).isEqualTo(raw.subList(3001, 3500));
        assertThat(all(Map.of("prefix", "train/"))).isEmpty();
        assertThat(all(Map.of("prefix", "zoo/"))).isEmpty();
    }

    @Test
    void aDelimiterGathersKeys() {
        assertThat(all(Map.of("prefix", "raw/train/", "delimiter", "/")))
                .containsExactly("raw/train/n00/", "raw/train/n01/", "raw/train/n02/", "raw/train/n03/");
        assertThat(all(Map.of("delimiter", "/", "max-keys", "1"))).containsExactly("raw/");
        assertThat(all(Map.of("prefix", "raw/train/", "delimiter", "/", "max-keys", "3")))
                .hasSize(4);
    }
}
