package dev.moco.operator.api;

/** Rules of a list of milestones, as the groups with a schedule have them, in CEL. */
final class Milestones {
    /** After the schedule. */
    static final String ONLY_WITH_STEP = " == 'Step' || !has(self.milestones) || self.milestones.size() == 0";

    static final String ONLY_WITH_STEP_MESSAGE =
            "'belong to schedule Step; a Cosine schedule has none, found %s'.format([self.milestones])";

    static final String ASCEND = "!has(self.milestones) || self.milestones.isSorted()"
            + " && self.milestones.all(m, self.milestones.exists_one(n, n == m))";
    static final String ASCEND_MESSAGE = "'must ascend, found %s'.format([self.milestones])";

    /** Before the end, and a parenthesis. */
    static final String BELOW = "!has(self.milestones) || self.milestones.all(m, m < ";

    private Milestones() {}
}
