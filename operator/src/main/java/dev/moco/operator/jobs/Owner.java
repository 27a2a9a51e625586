package dev.moco.operator.jobs;

/**
 * The resource that a Job is made for.
 *
 * @param namespace its namespace, and so the Job's
 * @param name its name
 * @param uid its identity: a resource deleted and applied again is another
 * @param generation of its spec
 */
public record Owner(String namespace, String name, String uid, long generation) {}
