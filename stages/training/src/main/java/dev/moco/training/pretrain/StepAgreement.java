package dev.moco.training.pretrain;

import ai.djl.ndarray.NDList;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.progress.Metrics;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers that all processes know after a step, so that all of them save or stop after the same one.
 *
 * @param metrics means over all ranks
 * @param stop whether a process was asked to stop
 * @param save whether it is time for a checkpoint
 */
public record StepAgreement(Metrics metrics, boolean stop, boolean save) {
    private static final int FLAGS = 2;
    private static final int METRICS = 3;

    /**
     * Numbers of this process's ranks, in order.
     *
     * @param byRank what a loss returned for each rank: first its loss, top-1 and top-5 accuracy as shares
     */
    public static double[] numbers(List<NDList> byRank) {
        return byRank.stream()
                .flatMap(outputs -> Arrays.stream(outputs.get(0).toArray()))
                .mapToDouble(Number::doubleValue)
                .toArray();
    }

    /**
     * Exchanges what each process knows.
     *
     * @param ofOwnRanks loss, top-1 and top-5 accuracy of each rank of this process, in order
     */
    public static StepAgreement of(Collectives collectives, double[] ofOwnRanks, boolean stop, boolean save) {
        double[] mine = new double[FLAGS + ofOwnRanks.length];
        mine[0] = stop ? 1 : 0;
        mine[1] = save ? 1 : 0;
        System.arraycopy(ofOwnRanks, 0, mine, FLAGS, ofOwnRanks.length);
        int ranks = collectives.world().size() * ofOwnRanks.length / METRICS;
        double loss = 0;
        double top1 = 0;
        double top5 = 0;
        boolean anyStop = false;
        boolean anySave = false;
        for (double[] numbers : collectives.agree(mine)) {
            anyStop |= numbers[0] != 0;
            anySave |= numbers[1] != 0;
            for (int i = FLAGS; i < numbers.length; i += METRICS) {
                loss += numbers[i] / ranks;
                top1 += 100 * numbers[i + 1] / ranks;
                top5 += 100 * numbers[i + 2] / ranks;
            }
        }
        return new StepAgreement(new Metrics(loss, top1, top5), anyStop, anySave);
    }
}
