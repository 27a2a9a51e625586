package dev.moco.training.detect.evaluate;

/** A box found in an image, in continuous pixels of it from 0, with its class and the probability of that class. */
public record Detection(int label, double score, double x1, double y1, double x2, double y2) {}
