package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.training.collectives.Processes.ProcessWork;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.engine.Nccl;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** NCCL's binding, and that what is computed with it is what is computed over sockets. */
class NcclCollectivesTest {
    /** A multiple of no number of processes. */
    private static final int LENGTH = 10_007;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    static Path folder;

    private static Map<String, String> shim = Map.of();

    @BeforeAll
    static void compile() throws Exception {
        shim = NcclShim.compile(folder);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void sumsAreThoseOverSockets(int size) throws Exception {
        same(size, (collectives, scope) -> {
            NDArray sum = scope.create(new Shape(LENGTH));
            collectives.sumInOrder(ownRanks(collectives.world(), scope, LENGTH), sum);
            return sum.toFloatArray();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void theFirstProcessMayGiveTheSumOfItsRanksAndAllTakeTheTotalInAnArraysPlace(int size) throws Exception {
        same(size, (collectives, scope) -> {
            List<NDArray> ranks = ownRanks(collectives.world(), scope, LENGTH);
            NDArray sum = ranks.get(0);
            if (collectives.world().index() == 0) {
                ranks.stream().skip(1).forEach(sum::addi);
                ranks = List.of(sum);
            }
            collectives.sumInOrder(ranks, sum);
            return sum.toFloatArray();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void partsOfSumsAreThoseOverSockets(int size) throws Exception {
        same(size, (collectives, scope) -> {
            List<NDArray> rows = ownRanks(collectives.world(), scope, 8 * 3 * 50).stream()
                    .map(array -> array.reshape(8 * 3, 50))
                    .toList();
            NDArray part = collectives.reduceScatter(scope, rows);
            assertThat(part.getShape()).isEqualTo(new Shape(8 * 3 / size, 50));
            return part.toFloatArray();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void rowsOfAnyTypeAreGathered(int size) throws Exception {
        same(size, (collectives, scope) -> {
            byte[] bytes = new byte[300];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (31 * collectives.world().index() + i);
            }
            NDArray rows = scope.create(ByteBuffer.wrap(bytes), new Shape(3, 100), DataType.UINT8);
            return collectives
                    .allGather(scope, rows)
                    .toType(DataType.FLOAT32, true)
                    .toFloatArray();
        });
        same(size, (collectives, scope) -> {
            NDArray labels =
                    scope.create(new long[] {1L << 40, collectives.world().index()});
            return collectives
                    .allGather(scope, labels)
                    .toType(DataType.FLOAT32, true)
                    .toFloatArray();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8})
    void oneProcessesArrayIsBroadcast(int size) throws Exception {
        same(size, (collectives, scope) -> {
            NDArray array = numbers(scope, collectives.world().index(), LENGTH);
            collectives.broadcast(array, size - 1);
            return array.toFloatArray();
        });
    }

    @Test
    void anOrderOfItsOwnIsTakenOnlyWhereItIsWanted() throws Exception {
        ProcessWork<float[]> work = (collectives, scope) -> {
            NDArray sum = scope.create(new Shape(LENGTH));
            collectives.sumInOrder(ownRanks(collectives.world(), scope, LENGTH), sum);
            return sum.toFloatArray();
        };
        List<float[]> inOrder = results(4, sockets -> new NcclCollectives(sockets, shim, false), work);
        List<float[]> other = results(4, sockets -> new NcclCollectives(sockets, shim, true), work);
        assertThat(other.get(0)).isNotEqualTo(inOrder.get(0));
        for (int i = 0; i < LENGTH; i++) {
            assertThat(other.get(0)[i]).isCloseTo(inOrder.get(0)[i], withinPercentage(0.01));
        }
    }

    @Test
    void processesThatDoNotExchangeTheSameAreFoundOut() {
        List<Future<float[]>> results =
                Processes.start(2, sockets -> new NcclCollectives(sockets, shim, false), (collectives, scope) -> {
                    NDArray array =
                            scope.zeros(new Shape(3 + collectives.world().index()));
                    collectives.broadcast(array, 0);
                    return array.toFloatArray();
                });
        assertThatThrownBy(() -> results.get(0).get())
                .hasCauseInstanceOf(PeerLostException.class)
                .hasMessageContaining("process 0 of 2 begins BROADCAST of 12 bytes, and process 1 operation B of 16");
        assertThatThrownBy(() -> results.get(1).get()).hasCauseInstanceOf(PeerLostException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void aStepAgreesOnceHoweverManySumsItHas(int sums) throws Exception {
        AtomicInteger agreements = new AtomicInteger();
        List<float[]> results = results(
                2,
                sockets -> new NcclCollectives(new Counting(sockets, agreements), shim, false),
                (collectives, scope) -> {
                    NDArray sum = scope.create(new Shape(LENGTH));
                    for (int step = 0; step < 3; step++) {
                        for (int i = 0; i < sums; i++) {
                            collectives.sumInOrder(ownRanks(collectives.world(), scope, LENGTH), sum);
                        }
                        assertThat(collectives.agree(7)).isDeepEqualTo(new double[][] {{7}, {7}});
                    }
                    return sum.toFloatArray();
                });
        assertThat(results.get(0)).isEqualTo(results.get(1));
        // Of each process: the library's identifier, the first sum, and one of each step.
        assertThat(agreements.get()).isEqualTo(2 * (1 + 1 + 3));
    }

    @Test
    void callsOfWhichAProcessHasMadeFewerAreFoundOutByTheNextAgreement() {
        List<Future<float[]>> results =
                Processes.start(2, sockets -> new NcclCollectives(sockets, shim, false), (collectives, scope) -> {
                    NDArray own = scope.zeros(new Shape(2));
                    collectives.broadcast(own, 0);
                    if (collectives.world().index() == 0) {
                        collectives.broadcast(own, 0); // the root waits for nobody
                    }
                    collectives.agree(1);
                    return own.toFloatArray();
                });
        for (int index = 0; index < 2; index++) {
            Future<float[]> result = results.get(index);
            String found = "process " + index + " of 2 has made other calls than process " + (1 - index);
            assertThatThrownBy(result::get)
                    .hasCauseInstanceOf(PeerLostException.class)
                    .hasMessageContaining(found);
        }
    }

    @Test
    void aProcessGivesAsManyArraysAtEveryCall() throws Exception {
        List<float[]> results =
                results(2, sockets -> new NcclCollectives(sockets, shim, false), (collectives, scope) -> {
                    List<NDArray> ranks = ownRanks(collectives.world(), scope, 4);
                    collectives.sumInOrder(ranks, ranks.get(0));
                    assertThatThrownBy(() -> collectives.sumInOrder(List.of(ranks.get(0)), ranks.get(0)))
                            .hasMessage("a call of 16 bytes takes 2 arrays as those before it, found 1");
                    return new float[0];
                });
        assertThat(results).hasSize(2);
    }

    /** Collectives that count their agreements. */
    private record Counting(Collectives counted, AtomicInteger agreements) implements Collectives {
        @Override
        public World world() {
            return counted.world();
        }

        @Override
        public NDArray allGather(NDManager scope, NDArray own) {
            return counted.allGather(scope, own);
        }

        @Override
        public void sumInOrder(List<NDArray> ofOwnRanks, NDArray sum) {
            counted.sumInOrder(ofOwnRanks, sum);
        }

        @Override
        public NDArray reduceScatter(NDManager scope, List<NDArray> ofOwnRanks) {
            return counted.reduceScatter(scope, ofOwnRanks);
        }

        @Override
        public void broadcast(NDArray array, int root) {
            counted.broadcast(array, root);
        }

        @Override
        public double[][] agree(double... mine) {
            agreements.incrementAndGet();
            return counted.agree(mine);
        }

        @Override
        public void close() {
            counted.close();
        }
    }

    @Test
    void whatTheLibraryRefusesIsAFaultWithItsReason() throws Exception {
        byte[] id = Nccl.newId(shim);
        assertThatThrownBy(() -> Nccl.join(shim, id, 2, 2))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.FAULT))
                .hasMessageStartingWith("ncclCommInitRank failed: invalid argument (4)");
        id[127]++;
        assertThatThrownBy(() -> Nccl.join(shim, id, 0, 1)).hasMessageStartingWith("ncclCommInitRank failed: ");
        try (Nccl alone = Nccl.join(shim, Nccl.newId(shim), 0, 1);
                NDManager scope = NDManager.newBaseManager()) {
            NDArray array = scope.zeros(new Shape(4));
            assertThatThrownBy(() -> alone.send(Nccl.memory(array), 1))
                    .hasMessageStartingWith("ncclSend failed: invalid argument (4)");
            assertThatThrownBy(() -> Nccl.memory(array).part(8, 12)).hasMessage("bytes 8 to 20 are not in 16 bytes");
        }
    }

    private static void same(int size, ProcessWork<float[]> work) throws Exception {
        List<float[]> overSockets = results(size, sockets -> sockets, work);
        assertThat(results(size, sockets -> new NcclCollectives(sockets, shim, false), work))
                .hasSize(size)
                .containsExactlyElementsOf(overSockets);
    }

    private static List<float[]> results(int size, UnaryOperator<Collectives> over, ProcessWork<float[]> work)
            throws Exception {
        List<float[]> results = new ArrayList<>();
        for (Future<float[]> result : Processes.start(size, over, work)) {
            results.add(result.get());
        }
        return results;
    }

    /** Arrays of the ranks of a process: two for each, so that the number of all depends on that of the processes. */
    private static List<NDArray> ownRanks(World world, NDManager scope, int length) {
        List<NDArray> ranks = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ranks.add(numbers(scope, 2 * world.index() + i, length));
        }
        return ranks;
    }

    /** Numbers of very different sizes, whose sum depends on the order. */
    private static NDArray numbers(NDManager scope, int rank, int length) {
        CounterRandom random = CounterRandom.of(7, rank);
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = (float) ((1 + Math.abs(random.nextGaussian())) * Math.pow(10, random.nextInt(7)));
        }
        return scope.create(numbers);
    }
}
