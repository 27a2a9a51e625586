package dev.moco.operator.observe;

import java.util.stream.Collectors;

/**
 * Version of a key: a text that changes whenever a Job of the key starts or ends, so that the store is
 * queried again.
 */
public final class KeyVersion {
    private KeyVersion() {}

    public static String of(String key, JobCache jobs) {
        return jobs.withKey(key).stream()
                .flatMap(job -> JobView.of(job, key, jobs).stream())
                .map(view -> view.job().getMetadata().getUid() + (view.live() ? "" : " ended"))
                .sorted()
                .collect(Collectors.joining(","));
    }
}
