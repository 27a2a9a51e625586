package dev.moco.contract;

/** Floating-point type of forward and backward passes; weights, momentum and the queue are always float32. */
public enum Precision {
    FLOAT32(4),
    BFLOAT16(2);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of a number of this type. */
    public int bytes() {
        return bytes;
    }
}
