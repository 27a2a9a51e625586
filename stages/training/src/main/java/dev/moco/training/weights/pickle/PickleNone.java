package dev.moco.training.weights.pickle;

/** Python's None. */
public enum PickleNone {
    NONE
}
