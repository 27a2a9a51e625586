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
     * A group of one rank.
     *
     * @param environment variables that may name the library
     * @throws StageFailure bad configuration if the library is not there, a fault if it refuses
     */
    public static Nccl ofOneRank(Map<String, String> environment) {
        NcclLibrary library = NcclLibrary.load(environment);
        UniqueId.ByValue id = new UniqueId.ByValue();
        check(library, "ncclGetUniqueId", library.ncclGetUniqueId(id));
        // JNA does not read back by itself what is to be passed by value, and would pass zeros.
        id.read();
        PointerByReference communicator = new PointerByReference();
        check(library, "ncclCommInitRank", library.ncclCommInitRank(communicator, 1, id, 0));
        return new Nccl(library, communicator.getValue());
    }

    /** The library's version, such as 2.26.2. */
    public static String version(Map<String, String> environment) {
        NcclLibrary library = NcclLibrary.load(environment);
        IntByReference version = new IntByReference();
        check(library, "ncclGetVersion", library.ncclGetVersion(version));
        int code = version.getValue();
        return code / 10_000 + "." + code / 100 % 100 + "." + code % 100;
    }

    /** Writes the sum over all ranks of an array of floats to another of its length, or over itself. */
    public void allReduce(NDArray from, NDArray to) {
        check(
                library,
                "ncclAllReduce",
                library.ncclAllReduce(
                        floats(from), floats(to), count(from, to), FLOAT32, SUM, communicator, DEFAULT_STREAM));
    }

    /** Writes one rank's array of floats to every rank's. */
    public void broadcast(NDArray from, NDArray to, int root) {
        check(
                library,
                "ncclBroadcast",
                library.ncclBroadcast(
                        floats(from), floats(to), count(from, to), FLOAT32, root, communicator, DEFAULT_STREAM));
    }

    private static NativeLong count(NDArray from, NDArray to) {
        if (from.size() != to.size()) {
            throw new IllegalArgumentException(
                    "arrays must have one length, found " + from.size() + " and " + to.size());
        }
        return new NativeLong(from.size());
    }

    static Pointer floats(NDArray array) {
        if (array.getDataType() != DataType.FLOAT32 || !array.getDevice().isGpu()) {
            throw new IllegalArgumentException(
                    "NCCL takes float32 on a GPU here, found " + array.getDataType() + " on " + array.getDevice());
        }
        return Native.getDirectBufferPointer(Storage.of((PtNDArray) array));
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
