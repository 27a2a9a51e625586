package dev.moco.training.detect.evaluate;

/**
 * An object detected in an image.
 *
 * @param label index of its class
 * @param score probability of that class
 * @param x1 left side of its box, in continuous pixel coordinates from 0
 */
public record Detection(int label, double score, double x1, double y1, double x2, double y2) {}
