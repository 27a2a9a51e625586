package dev.moco.training.engine;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import java.util.concurrent.TimeUnit;

/** Returns memory to the system that glibc's allocator keeps after libtorch has freed it. */
public final class NativeHeap {
    private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final boolean GLIBC = bind();

    private NativeHeap() {}

    /**
     * Returns all free pages to the system after long work; after short work, clearing the pages again would take too much
     * time. Does nothing with another C library.
     *
     * @param begin time at which the work began, by {@link System#nanoTime}
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
