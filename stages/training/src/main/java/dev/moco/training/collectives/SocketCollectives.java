package dev.moco.training.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Collectives over a {@link Ring}. A sum passes from the first process to the last in pieces, each adding its ranks, and the
 * total goes around from the last: a process sends at most twice the bytes of the array, as in a ring that adds in another
 * order.
 */
final class SocketCollectives implements Collectives {
    private static final int PIECE = 1 << 18;
    private static final int HEADER = 3 * Integer.BYTES;

    /** Kinds of calls, compared so that processes that do not do the same are found out. */
    private enum Operation {
        GATHER('G'),
        SUM('S'),
        BROADCAST('B'),
        AGREE('A');

        final int code;

        Operation(char code) {
            this.code = code;
        }
    }

    private final World world;
    private final Ring ring;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.nativeOrder());
    private final float[] numbers = new float[PIECE / Float.BYTES];
    private final float[] addends = new float[PIECE / Float.BYTES];
    private int calls;

    SocketCollectives(World world, Ring ring) {
        this.world = world;
        this.ring = ring;
    }

    @Override
    public World world() {
        return world;
    }

    @Override
    public NDArray allGather(NDManager scope, NDArray own) {
        int bytes = HostBytes.count(own);
        begin(Operation.GATHER, bytes);
        Shape shape = own.getShape();
        long[] joined = shape.getShape().clone();
        joined[0] *= world.size();
        NDArray all = scope.create(new Shape(joined), own.getDataType());
        ByteBuffer target = HostBytes.forWriting(all);
        target.put(world.index() * bytes, HostBytes.of(own), 0, bytes);
        for (int root = 0; root < world.size(); root++) {
            pass(target, root * bytes, bytes, root);
        }
        HostBytes.write(target, all);
        return all;
    }

    @Override
    public void sumInOrder(List<NDArray> ofOwnRanks, NDArray sum) {
        int bytes = HostBytes.count(sum);
        begin(Operation.SUM, bytes);
        List<FloatBuffer> own = new ArrayList<>();
        for (NDArray array : ofOwnRanks) {
            own.add(floats(array, bytes));
        }
        ByteBuffer target = HostBytes.forWriting(sum);
        for (int from = 0; from < bytes; from += PIECE) {
            addOwn(own, target, from, Math.min(PIECE, bytes - from));
        }
        pass(target, 0, bytes, world.size() - 1);
        HostBytes.write(target, sum);
    }

    private static FloatBuffer floats(NDArray array, int bytes) {
        if (array.getDataType() != DataType.FLOAT32 || HostBytes.count(array) != bytes) {
            throw new IllegalArgumentException("sums take float32 arrays of one size, found " + array.getDataType()
                    + " with " + HostBytes.count(array) + " bytes for a sum of " + bytes);
        }
        return HostBytes.of(array).asFloatBuffer();
    }

    /** Adds this process's ranks to a piece of the sum of those before, and passes it on; the last one keeps it. */
    private void addOwn(List<FloatBuffer> own, ByteBuffer target, int from, int bytes) {
        int count = bytes / Float.BYTES;
        int first = 0;
        if (world.index() == 0) {
            own.get(0).get(from / Float.BYTES, numbers, 0, count);
            first = 1;
        } else {
            ring.receive(piece.clear().limit(bytes));
            piece.flip().asFloatBuffer().get(numbers, 0, count);
        }
        for (FloatBuffer rank : own.subList(first, own.size())) {
            rank.get(from / Float.BYTES, addends, 0, count);
            for (int i = 0; i < count; i++) {
                numbers[i] += addends[i];
            }
        }
        if (world.index() == world.size() - 1) {
            target.slice(from, bytes)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer()
                    .put(numbers, 0, count);
        } else {
            piece.clear().limit(bytes);
            piece.asFloatBuffer().put(numbers, 0, count);
            ring.send(piece);
        }
    }

    @Override
    public NDArray reduceScatter(NDManager scope, List<NDArray> ofOwnRanks) {
        NDArray shape = ofOwnRanks.get(0);
        long rows = shape.getShape().get(0);
        if (rows % world.size() != 0) {
            throw new IllegalArgumentException(
                    "rows must be a multiple of " + world.size() + " processes, found " + rows);
        }
        long share = rows / world.size();
        try (NDArray sum = shape.getManager().create(shape.getShape(), shape.getDataType())) {
            sumInOrder(ofOwnRanks, sum);
            NDArray part = sum.get(new NDIndex().addSliceDim(world.index() * share, (world.index() + 1) * share))
                    .duplicate();
            part.attach(scope);
            return part;
        }
    }

    @Override
    public void broadcast(NDArray array, int root) {
        int bytes = HostBytes.count(array);
        begin(Operation.BROADCAST, bytes);
        ByteBuffer target = world.index() == root ? HostBytes.of(array) : HostBytes.forWriting(array);
        pass(target, 0, bytes, root);
        if (world.index() != root) {
            HostBytes.write(target, array);
        }
    }

    @Override
    public double[][] agree(double... mine) {
        int bytes = mine.length * Double.BYTES;
        begin(Operation.AGREE, bytes);
        ByteBuffer all = ByteBuffer.allocateDirect(bytes * world.size()).order(ByteOrder.nativeOrder());
        DoubleBuffer doubles = all.asDoubleBuffer();
        doubles.put(world.index() * mine.length, mine);
        double[][] byProcess = new double[world.size()][mine.length];
        for (int root = 0; root < world.size(); root++) {
            pass(all, root * bytes, bytes, root);
            doubles.get(root * mine.length, byProcess[root]);
        }
        return byProcess;
    }

    /** Passes bytes of the root around the ring in pieces, up to the process before it. */
    private void pass(ByteBuffer bytes, int from, int length, int root) {
        boolean last = (world.index() + 1) % world.size() == root;
        for (int at = from; at < from + length; at += PIECE) {
            int until = Math.min(at + PIECE, from + length);
            if (world.index() != root) {
                ring.receive(bytes.limit(until).position(at));
            }
            if (!last) {
                ring.send(bytes.limit(until).position(at));
            }
        }
        bytes.clear();
    }

    /** Requires that the process before is about to do the same. */
    private void begin(Operation operation, int bytes) {
        calls++;
        ByteBuffer header = piece.clear().limit(HEADER);
        header.putInt(calls).putInt(operation.code).putInt(bytes);
        ring.send(header.flip());
        ring.receive(header.clear().limit(HEADER));
        header.flip();
        int theirCalls = header.getInt();
        int theirOperation = header.getInt();
        int theirBytes = header.getInt();
        if (theirCalls != calls || theirOperation != operation.code || theirBytes != bytes) {
            throw PeerLostException.apart(
                    Ring.name(world) + " is at call " + calls + ", " + operation + " of " + bytes
                            + " bytes, and the one before it at call " + theirCalls + ", operation "
                            + (char) theirOperation + " of " + theirBytes + " bytes",
                    null);
        }
    }

    @Override
    public void close() {
        ring.close();
    }
}
