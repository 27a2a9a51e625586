package dev.moco.operator.observe;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Version of a key: a text that changes whenever a Job of the key, or a pod that outlived its Job, starts or ends, so
 * that the store is queried again.
 */
public final class KeyVersion {
    private KeyVersion() {}

    public static String of(String key, ExperimentJobs jobs) {
        return Stream.concat(
                        jobs.making(key).stream()
                                .map(view -> view.job().getMetadata().getUid() + (view.live() ? "" : " ended")),
                        jobs.leftPods(key).stream().map(pod -> pod.getMetadata().getUid()))
                .sorted()
                .collect(Collectors.joining(","));
    }
}
