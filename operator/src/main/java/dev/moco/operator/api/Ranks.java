package dev.moco.operator.api;

/** Rules of batches and the ranks that share them, in CEL. */
final class Ranks {
    /**
     * Begins a rule that divides. The API server also checks the group's own default, {}, as it stands; and it continues
     * to the rules where a number is below its bound. The old name of ranks is refused by a rule of its own.
     */
    static final String GIVEN = "has(self.gpus) || !has(self.batchSize) || self.batchSize < 1 || self.ranks < 1 || ";

    static final String MULTIPLE = GIVEN + "self.batchSize % self.ranks == 0";
    static final String MULTIPLE_MESSAGE =
            "'must be a multiple of ranks (%s), found %s'.format([self.ranks, self.batchSize])";

    private Ranks() {}
}
