package dev.moco.training.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.Storage;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import dev.moco.contract.StageFailure;
import dev.moco.training.engine.NcclLibrary.UniqueId;
import java.util.Map;

/**
 * One rank of NVIDIA's collectives, on the device that its thread has chosen. Work is queued on libtorch's default stream, in
 * order with the work of the engine.
 */
public final class Nccl implements AutoCloseable {
    /** Length of an identifier in bytes. */
    public static final int ID_BYTES = 128;

    private static final int UINT8 = 1;
    private static final int FLOAT32 = 7;
    private static final int SUM = 0;
    private static final Pointer DEFAULT_STREAM = Pointer.NULL;

    private final NcclLibrary library;
    private final Pointer communicator;

    private Nccl(NcclLibrary library, Pointer communicator) {
        this.library = library;
        this.communicator = communicator;
    }

    /**
     * Returns an identifier by which the ranks of a group find each other, {@value #ID_BYTES} bytes.
     *
     * @param environment variables that may name the library
     * @throws StageFailure bad configuration if the library is not there, a fault if it refuses
     */
    public static byte[] newId(Map<String, String> environment) {
        NcclLibrary library = NcclLibrary.load(environment);
        UniqueId id = new UniqueId();
        check(library, "ncclGetUniqueId", library.ncclGetUniqueId(id));
        return id.internal;
    }

    /**
     * Joins a group, and waits until all its ranks have.
     *
     * @param id result of {@link #newId} in one of the processes
     * @param rank number of this rank, from 0
     * @param ranks number of all
     */
    public static Nccl join(Map<String, String> environment, byte[] id, int rank, int ranks) {
        NcclLibrary library = NcclLibrary.load(environment);
        UniqueId.ByValue value = new UniqueId.ByValue();
        value.internal = id.clone();
        PointerByReference communicator = new PointerByReference();
        check(library, "ncclCommInitRank", library.ncclCommInitRank(communicator, ranks, value, rank));
        return new Nccl(library, communicator.getValue());
    }

    /** A group of one rank. */
    public static Nccl ofOneRank(Map<String, String> environment) {
        return join(environment, newId(environment), 0, 1);
    }

    /** The library's version, such as 2.26.2. */
    public static String version(Map<String, String> environment) {
        NcclLibrary library = NcclLibrary.load(environment);
        IntByReference version = new IntByReference();
        check(library, "ncclGetVersion", library.ncclGetVersion(version));
        int code = version.getValue();
        return code / 10_000 + "." + code / 100 % 100 + "." + code % 100;
    }

    /** Writes the sum over all ranks of an array of floats to another of its length, or over itself, in an order of NCCL's. */
    public void allReduce(NDArray from, NDArray to) {
        if (from.getDataType() != DataType.FLOAT32 || from.size() != to.size()) {
            throw new IllegalArgumentException("a sum takes float32 of one length, found " + from.size() + " "
                    + from.getDataType() + " for " + to.size());
        }
        check(
                library,
                "ncclAllReduce",
                library.ncclAllReduce(
                        memory(from).start,
                        memory(to).start,
                        new NativeLong(from.size()),
                        FLOAT32,
                        SUM,
                        communicator,
                        DEFAULT_STREAM));
    }

    /** Writes the bytes of all ranks, in order, to each. */
    public void allGather(Memory own, Memory all) {
        check(
                library,
                "ncclAllGather",
                library.ncclAllGather(own.start, all.start, own.count(), UINT8, communicator, DEFAULT_STREAM));
    }

    /** Overwrites bytes in all ranks by those of one. */
    public void broadcast(Memory bytes, int root) {
        check(
                library,
                "ncclBroadcast",
                library.ncclBroadcast(
                        bytes.start, bytes.start, bytes.count(), UINT8, root, communicator, DEFAULT_STREAM));
    }

    /** Sends bytes to another rank, which must receive as many. */
    public void send(Memory from, int peer) {
        check(
                library,
                "ncclSend",
                library.ncclSend(from.start, from.count(), UINT8, peer, communicator, DEFAULT_STREAM));
    }

    /** Receives bytes from another rank, which must send as many. */
    public void receive(Memory to, int peer) {
        check(library, "ncclRecv", library.ncclRecv(to.start, to.count(), UINT8, peer, communicator, DEFAULT_STREAM));
    }

    /** Makes the calls in an action at once: none of them waits for another. */
    public void together(Runnable calls) {
        check(library, "ncclGroupStart", library.ncclGroupStart());
        calls.run();
        check(library, "ncclGroupEnd", library.ncclGroupEnd());
    }

    /** Memory of an array, which must not be closed before the calls that read it were made. */
    public static Memory memory(NDArray array) {
        return new Memory(
                Native.getDirectBufferPointer(Storage.of((PtNDArray) array)),
                array.size() * array.getDataType().getNumOfBytes());
    }

    /**
     * Bytes on the device.
     *
     * @param start address
     * @param bytes length
     */
    public record Memory(Pointer start, long bytes) {
        /** A part of it. */
        public Memory part(long from, long length) {
            if (from < 0 || length < 0 || from + length > bytes) {
                throw new IllegalArgumentException(
                        "bytes " + from + " to " + (from + length) + " are not in " + bytes + " bytes");
            }
            return new Memory(start.share(from), length);
        }

        private NativeLong count() {
            return new NativeLong(bytes);
        }
    }

    private static void check(NcclLibrary library, String function, int result) {
        if (result != 0) {
            throw StageFailure.fault(function + " failed: " + library.ncclGetErrorString(result) + " (" + result
                    + "); NCCL_DEBUG=INFO in the environment makes it log more");
        }
    }

    @Override
    public void close() {
        check(library, "ncclCommDestroy", library.ncclCommDestroy(communicator));
    }
}
