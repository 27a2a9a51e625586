package dev.moco.training.weights.input;

import java.util.Locale;

/** Kinds of refusals, in the order of the layers: archive, pickle, tensors, and the file as a whole. */
public enum Reason {
    /** An archive whose records contradict each other, or that is not complete. */
    ZIP,
    ZIP_ENTRY,
    ZIP_NAME,
    ZIP_DUPLICATE,
    ZIP_OVERLAP,
    ZIP_ROOT,
    ZIP_SIZE,
    ZIP_CRC,
    TAR,

    /** A module and name that no file of weights needs. */
    GLOBAL,
    OPCODE,
    CALL,
    BUILD,
    PERSISTENT,
    STACK,
    MEMO,
    KEY,
    DUPLICATE,
    DEPTH,
    TEXT,

    /** A number that is out of its range, or no whole number. */
    NUMBER,
    /** A value of another type than its place needs. */
    TYPE,
    /** Elements beyond the bytes that are there. */
    BOUNDS,
    DIMS,
    DTYPE,
    STORAGE,
    BYTEORDER,

    LENGTH,
    TRUNCATED,
    TRAILING,
    TORCHSCRIPT,
    /** Content of another kind of file. */
    FORMAT;

    /** Its name in lower case with hyphens, such as {@code zip-entry}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
