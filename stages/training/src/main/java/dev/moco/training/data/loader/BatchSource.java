package dev.moco.training.data.loader;

/** What a {@link BatchStream} prepares: batches made of items that any thread may fill in, in any order. */
interface BatchSource<B> {
    /** Batches in all. */
    int batches();

    /** A batch yet to be filled. */
    B allocate(int number);

    /** Items of a batch. */
    int items(int number);

    /** Fills in one item; different items of a batch are filled at the same time. */
    void fill(B batch, int number, int item);
}
