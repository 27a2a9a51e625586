package dev.moco.operator.api;

/** Rules of a list of milestones, as the groups with a schedule have them, in CEL. */
final class Milestones {
    static final String ONLY_WITH_STEP =
            "self.schedule == 'Step' || !has(self.milestones) || self.milestones.size() == 0";
    static final String ONLY_WITH_STEP_MESSAGE =
            "'belong to schedule Step; a Cosine schedule has none, found %s'.format([self.milestones])";

    static final String ASCEND = "!has(self.milestones) || self.milestones.isSorted()"
            + " && self.milestones.all(m, self.milestones.exists_one(n, n == m))";
    static final String ASCEND_MESSAGE = "'must ascend, found %s'.format([self.milestones])";

    static final String BELOW_EPOCHS = "!has(self.milestones) || self.milestones.all(m, m < self.epochs)";
    static final String BELOW_EPOCHS_MESSAGE =
            "'must be below the %s epochs, found %s'.format([self.epochs, self.milestones])";

    static final String BELOW_ITERATIONS = "!has(self.milestones) || self.milestones.all(m, m < self.iterations)";
    static final String BELOW_ITERATIONS_MESSAGE =
            "'must be below the %s iterations, found %s'.format([self.iterations, self.milestones])";

    private Milestones() {}
}
