package dev.moco.operator.jobs;

import dev.moco.contract.StageFailure;
import java.util.regex.Pattern;

/**
 * A bucket that the operator may read with its own identity: a value of {@code --allow-bucket}.
 *
 * @param url {@code s3://bucket[/prefix]} in AWS, or {@code http(s)://host[:port]/bucket[/prefix]}; {@code {namespace}}
 *     stands for an experiment's namespace
 */
public record AllowedBucket(String url) {
    private static final Pattern URL = Pattern.compile("(s3:/|https?://[^/\\s,@?#]+)/[^/\\s,][^\\s,]*");
    private static final String NAMESPACE = "{namespace}";

    public AllowedBucket {
        if (!URL.matcher(url).matches()) {
            throw StageFailure.badConfig("--allow-bucket must be s3://bucket[/prefix] or"
                    + " http(s)://host[:port]/bucket[/prefix], found \"" + url + "\"");
        }
    }

    /** Returns whether a store, as {@link StoreAccess#uri} writes it, is this one or lies below it. */
    boolean holds(String namespace, String uri) {
        return isBelow(url.replace(NAMESPACE, namespace), uri);
    }

    /** Returns whether a URI is another one or lies below it. A path with {@code ..} lies below none. */
    static boolean isBelow(String top, String uri) {
        String base = top.replaceAll("/+$", "");
        return (uri.equals(base) || uri.startsWith(base + "/")) && !(uri + "/").matches(".*/\\.{1,2}/.*");
    }
}
