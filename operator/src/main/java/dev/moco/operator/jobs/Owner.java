package dev.moco.operator.jobs;

/**
 * The resource that owns a Job.
 *
 * @param namespace its namespace, and so the Job's
 * @param name its name
 * @param uid its uid: a resource that is deleted and applied again has another
 * @param generation generation of its spec
 */
public record Owner(String namespace, String name, String uid, long generation) {}
