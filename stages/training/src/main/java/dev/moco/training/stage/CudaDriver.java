package dev.moco.training.stage;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.util.OptionalLong;

/** Functions of NVIDIA's driver, by the names that they have in C; they need no context on the GPU. */
interface CudaDriver extends Library {
    /** Name of the library that comes with the driver. */
    String NAME = "libcuda.so.1";

    int cuInit(int flags);

    int cuDeviceGetCount(IntByReference count);

    int cuDeviceGet(IntByReference device, int ordinal);

    int cuDeviceTotalMem_v2(LongByReference bytes, int device);

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
