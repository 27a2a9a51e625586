package dev.moco.training.data.loader;

/**
 * Part of every batch that a loader fills.
 *
 * @param first first of its images within the batch
 * @param images number of its images
 */
public record BatchPart(int first, int images) {}
