package dev.moco.training.engine;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;

/** What glibc's allocator keeps of the blocks that libtorch has freed. */
public final class NativeHeap {
    private static final boolean GLIBC = bind();

    private NativeHeap() {}

    /**
     * Gives all whole free pages back to the system, which takes as long as clearing them anew will. Does nothing with
     * another C library.
     */
    public static void trim() {
        if (GLIBC) {
            malloc_trim(new NativeLong(0));
        }
    }

    private static boolean bind() {
        try {
            Native.register(NativeHeap.class, NativeLibrary.getInstance("c"));
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    private static native int malloc_trim(NativeLong kept);
}
