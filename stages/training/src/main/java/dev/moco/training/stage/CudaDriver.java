package dev.moco.training.stage;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.util.Optional;
import java.util.OptionalLong;

/** Functions of NVIDIA's driver, by the names that they have in C; they need no context on the GPU. */
interface CudaDriver extends Library {
    /** Name of the library that comes with the driver. */
    String NAME = "libcuda.so.1";

    int cuInit(int flags);

    int cuDeviceGetCount(IntByReference count);

    int cuDeviceGet(IntByReference device, int ordinal);

    int cuDeviceTotalMem_v2(LongByReference bytes, int device);

    int cuDeviceGetName(byte[] name, int length, int device);

    /** Memory of the first GPU that this process may use, MiB; empty if there is no driver or no GPU. */
    static OptionalLong memoryMib() {
        try {
            return memoryMib(Native.load(NAME, CudaDriver.class));
        } catch (UnsatisfiedLinkError e) {
            return OptionalLong.empty();
        }
    }

    /** Number of GPUs that this process may use; 0 without a driver. */
    static int count() {
        try {
            return count(Native.load(NAME, CudaDriver.class));
        } catch (UnsatisfiedLinkError e) {
            return 0;
        }
    }

    static int count(CudaDriver driver) {
        IntByReference count = new IntByReference();
        return driver.cuInit(0) == 0 && driver.cuDeviceGetCount(count) == 0 ? count.getValue() : 0;
    }

    int cuMemGetInfo_v2(LongByReference free, LongByReference total);

    /**
     * Bytes of the GPU that are in use by all processes, with the context of this one; empty if the calling thread has not
     * computed on a GPU.
     */
    static OptionalLong bytesInUse() {
        try {
            return bytesInUse(Native.load(NAME, CudaDriver.class));
        } catch (UnsatisfiedLinkError e) {
            return OptionalLong.empty();
        }
    }

    static OptionalLong bytesInUse(CudaDriver driver) {
        LongByReference free = new LongByReference();
        LongByReference total = new LongByReference();
        return driver.cuMemGetInfo_v2(free, total) == 0
                ? OptionalLong.of(total.getValue() - free.getValue())
                : OptionalLong.empty();
    }

    /** Name of the first GPU that this process may use; empty without one. */
    static Optional<String> name() {
        try {
            return name(Native.load(NAME, CudaDriver.class));
        } catch (UnsatisfiedLinkError e) {
            return Optional.empty();
        }
    }

    static Optional<String> name(CudaDriver driver) {
        IntByReference device = new IntByReference();
        byte[] name = new byte[128];
        return driver.cuInit(0) == 0
                        && driver.cuDeviceGet(device, 0) == 0
                        && driver.cuDeviceGetName(name, name.length, device.getValue()) == 0
                ? Optional.of(Native.toString(name))
                : Optional.empty();
    }

    static OptionalLong memoryMib(CudaDriver driver) {
        IntByReference device = new IntByReference();
        LongByReference bytes = new LongByReference();
        return driver.cuInit(0) == 0
                        && driver.cuDeviceGet(device, 0) == 0
                        && driver.cuDeviceTotalMem_v2(bytes, device.getValue()) == 0
                ? OptionalLong.of(bytes.getValue() >> 20)
                : OptionalLong.empty();
    }
}
