package dev.moco.contract;

/** Arithmetic of the compute-heavy programs; weights, momentum and the queue are float32 in both. */
public enum Precision {
    FLOAT32,
    BFLOAT16
}
