package dev.moco.training.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.engine.Nccl;
import dev.moco.training.engine.Nccl.Memory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Collectives over NCCL, on the device. Every process sums a part of the array in the order of the ranks, and all get it from
 * there: as many bytes as a ring sends, and the same sums as with sockets.
 *
 * <p>What is agreed on the host goes over the sockets. There the processes also find out whether all make the same calls: the
 * first call of a kind and size is compared before it is made, since it says how many arrays each process gives. Those after it
 * are compared by the next agreement, which a step has anyway, so that they need no connection.
 */
final class NcclCollectives implements Collectives {
    private final Collectives control;
    private final Nccl nccl;
    private final boolean ownOrder;
    /** Arrays that each process gives, by kind and size of a call. */
    private final Map<Call, double[]> known = new HashMap<>();
    /** Hash of all calls since the last agreement. */
    private int calls;

    /** Kinds of calls. */
    private enum CallKind {
        GATHER('G'),
        SUM('S'),
        REDUCE_SCATTER('R'),
        BROADCAST('B');

        final int code;

        CallKind(char code) {
            this.code = code;
        }
    }

    /** Kind of a call and the bytes of its array; a process gives as many arrays to each call of a kind and size. */
    private record Call(CallKind kind, long bytes) {}

    /**
     * Joins the other processes.
     *
     * @param control their connections on the host; closed with this
     * @param ownOrder true to leave the order of sums to NCCL, whose bits may differ between devices, numbers of them and
     *     versions
     */
    NcclCollectives(Collectives control, Map<String, String> environment, boolean ownOrder) {
        this.control = control;
        this.ownOrder = ownOrder;
        World world = control.world();
        this.nccl = Nccl.join(environment, id(control, environment), world.index(), world.size());
    }

    /** The first process's identifier. */
    private static byte[] id(Collectives control, Map<String, String> environment) {
        double[] own = new double[Nccl.ID_BYTES];
        if (control.world().index() == 0) {
            byte[] drawn = Nccl.newId(environment);
            for (int i = 0; i < own.length; i++) {
                own[i] = drawn[i];
            }
        }
        double[] first = control.agree(own)[0];
        byte[] id = new byte[Nccl.ID_BYTES];
        for (int i = 0; i < id.length; i++) {
            id[i] = (byte) first[i];
        }
        return id;
    }

    @Override
    public World world() {
        return control.world();
    }

    @Override
    public NDArray allGather(NDManager scope, NDArray own) {
        begin(CallKind.GATHER, own, 1);
        long[] joined = own.getShape().getShape().clone();
        joined[0] *= world().size();
        NDArray all = scope.create(new Shape(joined), own.getDataType());
        nccl.allGather(Nccl.memory(own), Nccl.memory(all));
        return all;
    }

    @Override
    public void sumInOrder(List<NDArray> ofOwnRanks, NDArray sum) {
        requireFloats(ofOwnRanks, sum.size());
        double[] counts = begin(CallKind.SUM, sum, ofOwnRanks.size());
        if (ownOrder) {
            Collectives.ALONE.sumInOrder(ofOwnRanks, sum);
            nccl.allReduce(sum, sum);
            return;
        }
        Parts parts = new Parts(sum.size(), world().size());
        try (NDManager scope = sum.getManager().newSubManager()) {
            NDArray own = sumOfPart(scope, ofOwnRanks, counts, parts);
            NDArray flat = sum.reshape(sum.size());
            flat.attach(scope);
            flat.set(new NDIndex().addSliceDim(parts.from(world().index()), parts.until(world().index())), own);
            Memory all = Nccl.memory(sum);
            nccl.together(() -> {
                for (int root = 0; root < world().size(); root++) {
                    nccl.broadcast(parts.of(all, root), root);
                }
            });
        }
    }

    @Override
    public NDArray reduceScatter(NDManager scope, List<NDArray> ofOwnRanks) {
        requireFloats(ofOwnRanks, ofOwnRanks.get(0).size());
        Shape shape = ofOwnRanks.get(0).getShape();
        if (shape.get(0) % world().size() != 0) {
            throw new IllegalArgumentException(
                    "rows must be a multiple of " + world().size() + " processes, found " + shape.get(0));
        }
        double[] counts = begin(CallKind.REDUCE_SCATTER, ofOwnRanks.get(0), ofOwnRanks.size());
        long[] own = shape.getShape().clone();
        own[0] /= world().size();
        try (NDManager inner = scope.newSubManager()) {
            NDArray sum = sumOfPart(inner, ofOwnRanks, counts, new Parts(shape.size(), world().size()));
            NDArray rows = sum.reshape(new Shape(own));
            rows.attach(scope);
            return rows;
        }
    }

    private static void requireFloats(List<NDArray> arrays, long size) {
        for (NDArray array : arrays) {
            if (array.getDataType() != DataType.FLOAT32 || array.size() != size) {
                throw new IllegalArgumentException("sums take float32 arrays of one size, found " + array.getDataType()
                        + " with " + array.size() + " numbers for a sum of " + size);
            }
        }
    }

    /** This process's part of the sum, from the same part of the arrays of all processes. */
    private NDArray sumOfPart(NDManager scope, List<NDArray> ofOwnRanks, double[] counts, Parts parts) {
        int index = world().index();
        long length = parts.until(index) - parts.from(index);
        int others = 0;
        for (int peer = 0; peer < counts.length; peer++) {
            others += peer == index ? 0 : (int) counts[peer];
        }
        NDArray received = scope.create(new Shape(Math.max(1, others * length)), DataType.FLOAT32);
        Memory target = Nccl.memory(received);
        nccl.together(() -> {
            long at = 0;
            for (int peer = 0; peer < counts.length; peer++) {
                if (peer == index) {
                    continue;
                }
                for (NDArray array : ofOwnRanks) {
                    nccl.send(parts.of(Nccl.memory(array), peer), peer);
                }
                for (int i = 0; i < (int) counts[peer]; i++) {
                    nccl.receive(target.part(at, length * Float.BYTES), peer);
                    at += length * Float.BYTES;
                }
            }
        });
        NDArray sum = null;
        long at = 0;
        for (int peer = 0; peer < counts.length; peer++) {
            for (int i = 0; i < (int) counts[peer]; i++) {
                NDArray addend;
                if (peer == index) {
                    addend = part(scope, ofOwnRanks.get(i), parts.from(index), parts.until(index));
                } else {
                    addend = part(scope, received, at, at + length);
                    at += length;
                }
                if (sum == null) {
                    sum = addend.duplicate();
                    sum.attach(scope);
                } else {
                    sum.addi(addend);
                }
            }
        }
        if (sum == null) {
            throw new IllegalArgumentException("a sum takes at least one array");
        }
        return sum;
    }

    private static NDArray part(NDManager scope, NDArray array, long from, long until) {
        NDArray flat = array.reshape(array.size());
        flat.attach(scope);
        NDArray part = flat.get(new NDIndex().addSliceDim(from, until));
        part.attach(scope);
        return part;
    }

    @Override
    public void broadcast(NDArray array, int root) {
        begin(CallKind.BROADCAST, array, 1);
        nccl.broadcast(Nccl.memory(array), root);
    }

    @Override
    public double[][] agree(double... mine) {
        double[] sent = Arrays.copyOf(mine, mine.length + 1);
        sent[mine.length] = calls;
        calls = 0;
        double[][] all = control.agree(sent);
        for (int index = 0; index < all.length; index++) {
            if (all[index][mine.length] != sent[mine.length]) {
                throw PeerLostException.apart(
                        Ring.name(world()) + " has made other calls than process " + index + " since they last agreed",
                        null);
            }
            all[index] = Arrays.copyOf(all[index], mine.length);
        }
        return all;
    }

    /**
     * Begins a call.
     *
     * @return arrays that each process gives
     */
    private double[] begin(CallKind kind, NDArray array, int arrays) {
        Call call = new Call(kind, Nccl.memory(array).bytes());
        calls = 31 * calls + Objects.hash(kind.code, call.bytes());
        double[] ofProcesses = known.computeIfAbsent(call, first -> compared(first, arrays));
        if (ofProcesses[world().index()] != arrays) {
            throw new IllegalArgumentException("a call of " + call.bytes() + " bytes takes "
                    + (int) ofProcesses[world().index()] + " arrays as those before it, found " + arrays);
        }
        return ofProcesses;
    }

    /** Exchanges what the processes are about to do for the first time; fails unless it is the same. */
    private double[] compared(Call call, int arrays) {
        double[][] all = control.agree(call.kind().code, (double) call.bytes(), arrays);
        double[] ofProcesses = new double[all.length];
        for (int index = 0; index < all.length; index++) {
            char kind = (char) all[index][0];
            long bytes = (long) all[index][1];
            if (kind != call.kind().code || bytes != call.bytes()) {
                throw PeerLostException.apart(
                        Ring.name(world()) + " begins " + call.kind() + " of " + call.bytes() + " bytes, and process "
                                + index + " operation " + kind + " of " + bytes,
                        null);
            }
            ofProcesses[index] = all[index][2];
        }
        return ofProcesses;
    }

    @Override
    public void close() {
        // The connections first, so that the others notice where NCCL's end waits for them.
        try (nccl;
                control) {
            // Each closes itself.
        }
    }

    /** Parts of an array of floats, one for each process, as equal as can be. */
    private record Parts(long size, int processes) {
        long from(int index) {
            return size / processes * index + Math.min(index, size % processes);
        }

        long until(int index) {
            return from(index + 1);
        }

        Memory of(Memory array, int index) {
            return array.part(from(index) * Float.BYTES, (until(index) - from(index)) * Float.BYTES);
        }
    }
}
