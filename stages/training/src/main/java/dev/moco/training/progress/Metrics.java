package dev.moco.training.progress;

/** Mean loss, and top-1 and top-5 accuracy in percent. */
public record Metrics(double loss, double top1, double top5) {}
