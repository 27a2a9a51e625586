package dev.moco.training.progress;

/** Means over images: loss, and percent whose right answer is first, or among the first five. */
public record Metrics(double loss, double top1, double top5) {}
