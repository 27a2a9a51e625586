package dev.moco.training.detect;

/** A box found in an image, in pixels of the original image, with its class and the probability of that class. */
record Detection(int label, double score, double x1, double y1, double x2, double y2) {}
