package dev.moco.training.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.engine.Nccl;
import dev.moco.training.engine.Nccl.Memory;
import java.util.List;
import java.util.Map;

/**
 * Collectives over NCCL, on the device. Every process sums a part of the array in the order of the ranks, and all get it from
 * there: as many bytes as a ring sends, and the same sums as with sockets. What is agreed on the host goes over the sockets,
 * which also find out whether all processes make the same call.
 */
final class NcclCollectives implements Collectives {
    private final Collectives control;
    private final Nccl nccl;
    private final boolean ownOrder;

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
        requireSame(own, 0);
        long[] joined = own.getShape().getShape().clone();
        joined[0] *= world().size();
        NDArray all = scope.create(new Shape(joined), own.getDataType());
        nccl.allGather(Nccl.memory(own), Nccl.memory(all));
        return all;
    }

    @Override
    public void sumInOrder(List<NDArray> ofOwnRanks, NDArray sum) {
        requireFloats(ofOwnRanks, sum.size());
        double[][] counts = requireSame(sum, ofOwnRanks.size());
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
        double[][] counts = requireSame(ofOwnRanks.get(0), ofOwnRanks.size());
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
    private NDArray sumOfPart(NDManager scope, List<NDArray> ofOwnRanks, double[][] counts, Parts parts) {
        int index = world().index();
        long length = parts.until(index) - parts.from(index);
        int others = 0;
        for (int peer = 0; peer < counts.length; peer++) {
            others += peer == index ? 0 : (int) counts[peer][0];
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
                for (int i = 0; i < (int) counts[peer][0]; i++) {
                    nccl.receive(target.part(at, length * Float.BYTES), peer);
                    at += length * Float.BYTES;
                }
            }
        });
        NDArray sum = null;
        long at = 0;
        for (int peer = 0; peer < counts.length; peer++) {
            for (int i = 0; i < (int) counts[peer][0]; i++) {
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
        requireSame(array, 0);
        nccl.broadcast(Nccl.memory(array), root);
    }

    @Override
    public double[][] agree(double... mine) {
        return control.agree(mine);
    }

    /** Exchanges a number of each process; fails unless all call with as many bytes. */
    private double[][] requireSame(NDArray array, double number) {
        double bytes = Nccl.memory(array).bytes();
        double[] mine = {number, bytes};
        double[][] all = control.agree(mine);
        for (int index = 0; index < all.length; index++) {
            if (all[index][1] != bytes) {
                throw new PeerLostException(Ring.name(world()) + " exchanges " + (long) bytes + " bytes, and process "
                        + index + " " + (long) all[index][1]);
            }
        }
        return all;
    }

    @Override
    public void close() {
        try (control;
                nccl) {
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
