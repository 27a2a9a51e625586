package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.CounterRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CollectivesTest {
    private static final int RANKS = 8;
    /** More than one piece of 65,536 numbers, and not a whole number of them. */
    private static final int LENGTH = 150_001;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void sumsAreInTheOrderOfTheRanks(int size) throws Exception {
        float[] expected = new float[LENGTH];
        float[] reversed = new float[LENGTH];
        for (int rank = 0; rank < RANKS; rank++) {
            add(expected, numbers(rank));
            add(reversed, numbers(RANKS - 1 - rank));
        }
        assertThat(expected).isNotEqualTo(reversed);
        List<float[]> sums = Processes.of(size, (collectives, scope) -> {
            NDArray sum = scope.create(new Shape(LENGTH));
            collectives.sumInOrder(ownRanks(collectives.world(), scope), sum);
            return sum.toFloatArray();
        });
        assertThat(sums).hasSize(size).allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void theFirstProcessMayGiveTheSumOfItsRanksAndTakeTheTotalInItsPlace(int size) throws Exception {
        float[] expected = new float[LENGTH];
        for (int rank = 0; rank < RANKS; rank++) {
            add(expected, numbers(rank));
        }
        List<float[]> sums = Processes.of(size, (collectives, scope) -> {
            List<NDArray> ranks = ownRanks(collectives.world(), scope);
            NDArray sum = ranks.get(0);
            if (collectives.world().index() == 0) {
                ranks.stream().skip(1).forEach(sum::addi);
                ranks = List.of(sum);
            }
            collectives.sumInOrder(ranks, sum);
            return sum.toFloatArray();
        });
        assertThat(sums).allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void gatheredRowsAreInTheOrderOfTheProcesses(int size) throws Exception {
        int bytes = 300_000;
        List<byte[]> gathered = Processes.of(size, (collectives, scope) -> {
            ByteBuffer own = ByteBuffer.allocateDirect(bytes);
            for (int i = 0; i < bytes; i++) {
                own.put(i, (byte) (31 * collectives.world().index() + i % 251));
            }
            NDArray rows = scope.create(own, new Shape(3, bytes / 3), DataType.UINT8);
            NDArray all = collectives.allGather(scope, rows);
            assertThat(all.getShape()).isEqualTo(new Shape(3L * size, bytes / 3));
            return all.toByteArray();
        });
        assertThat(gathered).hasSize(size).allSatisfy(all -> {
            assertThat(all).hasSize(size * bytes);
            for (int i = 0; i < all.length; i++) {
                if (all[i] != (byte) (31 * (i / bytes) + i % bytes % 251)) {
                    throw new AssertionError("byte " + i + " is " + all[i]);
                }
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "2, 1", "4, 2"})
    void oneProcessesArrayIsBroadcast(int size, int root) throws Exception {
        List<float[]> received = Processes.of(size, (collectives, scope) -> {
            NDArray array = scope.create(numbers(collectives.world().index()));
            collectives.broadcast(array, root);
            return array.toFloatArray();
        });
        assertThat(received).allSatisfy(array -> assertThat(array).isEqualTo(numbers(root)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void fewNumbersOfEachAreKnownToAll(int size) throws Exception {
        List<double[][]> agreed = Processes.of(size, (collectives, scope) -> {
            double[][] first = collectives.agree(collectives.world().index(), Double.MIN_VALUE);
            for (double[] numbers : first) {
                assertThat(numbers[1]).isEqualTo(Double.MIN_VALUE);
            }
            return collectives.agree(10.0 * collectives.world().index());
        });
        assertThat(agreed).hasSize(size).allSatisfy(byProcess -> {
            assertThat(byProcess).hasDimensions(size, 1);
            for (int index = 0; index < size; index++) {
                assertThat(byProcess[index][0]).isEqualTo(10.0 * index);
            }
        });
    }

    @Test
    void aProcessThatDoesSomethingElseIsFoundOut() {
        List<Future<double[][]>> results = Processes.start(
                2,
                (collectives, scope) ->
                        collectives.agree(new double[1 + collectives.world().index()]));
        for (Future<double[][]> result : results) {
            assertThatThrownBy(result::get)
                    .hasCauseInstanceOf(PeerLostException.class)
                    .hasMessageContaining("AGREE");
        }
    }

    @Test
    void aProcessThatEndsIsLostToTheOthers() {
        List<Future<double[][]>> results = Processes.start(4, (collectives, scope) -> {
            if (collectives.world().index() == 2) {
                throw new IllegalStateException("ended");
            }
            return collectives.agree(1);
        });
        for (int index : new int[] {0, 1, 3}) {
            assertThatThrownBy(() -> results.get(index).get())
                    .hasCauseInstanceOf(PeerLostException.class)
                    .hasMessageContaining("process " + index + " of 4 lost process ");
        }
    }

    @Test
    void devicesDivideRanks() {
        assertThat(new World(1, 4).ranks(8)).isEqualTo(2);
        assertThat(new World(3, 4).firstRank(8)).isEqualTo(6);
        assertThatThrownBy(() -> new World(0, 3).ranks(8))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessage("the number of devices must divide the number of ranks, found 3 devices with 8 ranks;"
                        + " possible are 1, 2, 4, 8");
        assertThatThrownBy(() -> new World(4, 4)).hasMessageContaining("index 4 of 4 devices");
        assertThat(World.perRank(12, 4)).isEqualTo(3);
        assertThatThrownBy(() -> World.perRank(9, 4))
                .hasMessage("images must be a multiple of 4 ranks, found 9 images");
    }

    private static List<NDArray> ownRanks(World world, NDManager scope) {
        List<NDArray> ranks = new ArrayList<>();
        for (int i = 0; i < world.ranks(RANKS); i++) {
            ranks.add(scope.create(numbers(world.firstRank(RANKS) + i)));
        }
        return ranks;
    }

    /** Numbers of very different sizes, whose sum depends on the order. */
    private static float[] numbers(int rank) {
        CounterRandom random = CounterRandom.of(5, rank);
        float[] numbers = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            numbers[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(7)));
        }
        return numbers;
    }

    private static void add(float[] sum, float[] numbers) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += numbers[i];
        }
    }
}
