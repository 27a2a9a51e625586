package dev.moco.training.engine;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import dev.moco.contract.StageFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** NCCL's functions, by the names that they have in C. */
interface NcclLibrary extends Library {
    /** Names the library itself, where it is not found by its name. */
    String VARIABLE = "MOCO_NCCL";

    int ncclGetVersion(IntByReference version);

    int ncclGetUniqueId(UniqueId id);

    int ncclCommInitRank(PointerByReference communicator, int ranks, UniqueId.ByValue id, int rank);

    int ncclAllReduce(
            Pointer from, Pointer to, NativeLong count, int type, int operation, Pointer communicator, Pointer stream);

    int ncclBroadcast(
            Pointer from, Pointer to, NativeLong count, int type, int root, Pointer communicator, Pointer stream);

    int ncclAllGather(Pointer from, Pointer to, NativeLong count, int type, Pointer communicator, Pointer stream);

    int ncclSend(Pointer from, NativeLong count, int type, int peer, Pointer communicator, Pointer stream);

    int ncclRecv(Pointer to, NativeLong count, int type, int peer, Pointer communicator, Pointer stream);

    int ncclGroupStart();

    int ncclGroupEnd();

    int ncclCommDestroy(Pointer communicator);

    String ncclGetErrorString(int result);

    /** Identifier by which ranks find each other. */
    @FieldOrder("internal")
    class UniqueId extends Structure {
        public byte[] internal = new byte[128];

        /** The identifier passed by value, with its bytes on the stack. */
        public static final class ByValue extends UniqueId implements Structure.ByValue {}
    }

    /**
     * Finds the library: a file that {@value #VARIABLE} names, or one that the system knows or that libtorch has loaded,
     * or libtorch itself, which may hold it.
     *
     * @throws StageFailure bad configuration, with every place that was tried
     */
    static NcclLibrary load(Map<String, String> environment) {
        String named = environment.get(VARIABLE);
        String libtorch = environment.get("PYTORCH_LIBRARY_PATH");
        List<String> places = new ArrayList<>(List.of(named != null ? named : "libnccl.so.2"));
        if (named == null && libtorch != null) {
            places.add(Path.of(libtorch, "libtorch_cuda.so").toString());
        }
        List<String> tried = new ArrayList<>();
        for (String place : places) {
            try {
                NativeLibrary.getInstance(place).getFunction("ncclGetVersion");
                return Native.load(place, NcclLibrary.class);
            } catch (UnsatisfiedLinkError e) {
                tried.add(place + " (" + firstLine(e) + ")");
            }
        }
        throw StageFailure.badConfig(
                "NCCL is not found, tried " + String.join(", ", tried) + "; install it, such as the"
                        + " Python package nvidia-nccl-cu12, and set " + VARIABLE + " to its libnccl.so.2");
    }

    private static String firstLine(UnsatisfiedLinkError error) {
        return String.valueOf(error.getMessage())
                .lines()
                .findFirst()
                .orElse("unknown")
                .strip();
    }
}
