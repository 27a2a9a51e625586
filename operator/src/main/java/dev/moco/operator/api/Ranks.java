package dev.moco.operator.api;

/** Rules of batches and the ranks that share them, in CEL. */
final class Ranks {
    /**
     * Begins a rule that divides. The API server also checks the group's own default, {}, as it stands; and it goes on
     * to the rules where a number is below its bound.
     */
    static final String GIVEN = "!has(self.batchSize) || self.batchSize < 1 || self.gpus < 1 || ";

    static final String MULTIPLE = GIVEN + "self.batchSize % self.gpus == 0";
    static final String MULTIPLE_MESSAGE =
            "'must be a multiple of gpus (%s), found %s'.format([self.gpus, self.batchSize])";

    private Ranks() {}
}
