package dev.moco.contract;

/** Arithmetic of forward and backward passes; weights, momentum and the queue are always float32. */
public enum Precision {
    FLOAT32(4),
    /** Numbers are float32; a GPU rounds the factors of products to the 10 bits of TF32. A CPU computes as in float32. */
    TF32(4),
    BFLOAT16(2);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of a number. */
    public int bytes() {
        return bytes;
    }
}
