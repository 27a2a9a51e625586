package dev.moco.training.data.loader;

/** Source of the batches of a {@link BatchStream}; any thread may fill in any item, in any order. */
interface BatchSource<B> {
    /** Number of batches. */
    int batches();

    /** Allocates a batch whose items are not filled in yet. */
    B allocate(int number);

    /** Number of items of a batch. */
    int items(int number);

    /** Fills in one item; several threads may fill in different items at the same time. */
    void fill(B batch, int number, int item);

    /** Ends reading ahead, when the stream is closed; items that are being filled in then may end or fail. */
    default void close() {}
}
