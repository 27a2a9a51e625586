package dev.moco.contract;

/** Arithmetic of the compute-heavy programs; weights, momentum and the queue are float32 in both. */
public enum Precision {
    FLOAT32(4),
    BFLOAT16(2);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of a number that is computed with. */
    public int bytes() {
        return bytes;
    }
}
