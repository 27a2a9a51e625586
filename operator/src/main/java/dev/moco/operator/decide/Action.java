package dev.moco.operator.decide;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Map;

/** A write to the cluster. Each is safe to repeat, and safe with two operators running. */
public sealed interface Action {
    /** Creates a Job; if one of that name exists, the next reconcile adopts it. */
    record Create(Job job) implements Action {}

    /**
     * Deletes a Job in the foreground: it exists until its pods are deleted. They get SIGTERM and save a
     * checkpoint, and no other Job writes meanwhile.
     *
     * @param uid precondition: a later Job of the same name stays
     * @param reason for the log
     */
    record Delete(String namespace, String name, String uid, String reason) implements Action {}

    /**
     * Evicts a pod: the Job replaces it, which costs no retry.
     *
     * @param uid precondition
     * @param reason for the log and the event
     */
    record Evict(String namespace, String pod, String uid, String reason) implements Action {}

    /**
     * Changes fields of a Job.
     *
     * @param fields a JSON merge patch; its {@code metadata.uid} is a precondition
     * @param reason for the log
     */
    record Patch(String namespace, String name, Map<String, Object> fields, String reason) implements Action {
        public Patch {
            fields = Map.copyOf(fields);
        }
    }
}
