package dev.moco.training.engine;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import java.util.concurrent.TimeUnit;

/** What glibc's allocator keeps of the blocks that libtorch has freed. */
public final class NativeHeap {
    private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final boolean GLIBC = bind();

    private NativeHeap() {}

    /**
     * Gives all whole free pages back to the system after work that took so long that clearing them anew is no matter. Does
     * nothing with another C library.
     *
     * @param begin of the work, by {@link System#nanoTime}
     */
    public static void trimAfter(long begin) {
        if (GLIBC && System.nanoTime() - begin > LONG_NANOS) {
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
