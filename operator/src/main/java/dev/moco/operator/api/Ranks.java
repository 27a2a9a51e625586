package dev.moco.operator.api;

/** Rules of batches and the ranks that share them, in CEL. */
final class Ranks {
    /**
     * Beginning of a rule that divides. It holds where the division is undefined: the API server also
     * evaluates rules on the group's default {} and on numbers below their bounds. Another rule refuses the
     * old name of ranks.
     */
    static final String GIVEN = "has(self.gpus) || !has(self.batchSize) || self.batchSize < 1 || self.ranks < 1 || ";

    static final String MULTIPLE = GIVEN + "self.batchSize % self.ranks == 0";
    static final String MULTIPLE_MESSAGE =
            "'must be a multiple of ranks (%s), found %s'.format([self.ranks, self.batchSize])";

    private Ranks() {}
}
