package dev.moco.operator.observe;

import java.util.stream.Collectors;

/** What the cluster shows of a key, in a text that changes when a look at the store may find something else. */
public final class KeyVersion {
    private KeyVersion() {}

    public static String of(String key, JobCache cluster) {
        return cluster.withKey(key).stream()
                .flatMap(job -> JobView.of(job, key, cluster).stream())
                .map(view -> view.job().getMetadata().getUid() + (view.live() ? "" : " ended"))
                .sorted()
                .collect(Collectors.joining(","));
    }
}
