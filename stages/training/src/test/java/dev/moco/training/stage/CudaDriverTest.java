package dev.moco.training.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CudaDriverTest {
    /** A driver of one GPU, of which one call may fail. */
    private record Driver(int init, int get, int memory) implements CudaDriver {
        @Override
        public int cuInit(int flags) {
            return init;
        }

        @Override
        public int cuDeviceGetCount(IntByReference count) {
            count.setValue(4);
            return get;
        }

        @Override
        public int cuDeviceGet(IntByReference device, int ordinal) {
            device.setValue(7 + ordinal);
            return get;
        }

        @Override
        public int cuDeviceTotalMem_v2(LongByReference bytes, int device) {
            bytes.setValue(device == 7 ? 81_559L << 20 : 0);
            return memory;
        }

        @Override
        public int cuMemGetInfo_v2(LongByReference free, LongByReference total) {
            free.setValue(3L << 30);
            total.setValue(80L << 30);
            return memory;
        }

        @Override
        public int cuDeviceGetName(byte[] name, int length, int device) {
            byte[] text = "NVIDIA H100".getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(text, 0, name, 0, text.length);
            return device == 7 ? memory : 1;
        }
    }

    @Test
    void theMemoryIsThatOfTheFirstGpu() {
        assertThat(CudaDriver.memoryMib(new Driver(0, 0, 0))).hasValue(81_559);
    }

    @Test
    void theNameIsThatOfTheFirstGpu() {
        assertThat(CudaDriver.name(new Driver(0, 0, 0))).contains("NVIDIA H100");
        assertThat(CudaDriver.name(new Driver(0, 100, 0))).isEmpty();
    }

    @Test
    void memoryInUseIsWhatIsNotFree() {
        assertThat(CudaDriver.bytesInUse(new Driver(0, 0, 0))).hasValue(77L << 30);
        int noContext = 201;
        assertThat(CudaDriver.bytesInUse(new Driver(0, 0, noContext))).isEmpty();
    }

    @Test
    void theGpusAreCounted() {
        assertThat(CudaDriver.count(new Driver(0, 0, 0))).isEqualTo(4);
        assertThat(CudaDriver.count(new Driver(100, 0, 0))).isZero();
        assertThat(CudaDriver.count(new Driver(0, 100, 0))).isZero();
        assertThat(Machine.gpus(Map.of("PYTORCH_FLAVOR", "cpu"))).isZero();
    }

    @Test
    void withoutADriverOrAGpuThereIsNone() {
        int noDevice = 100;
        assertThat(CudaDriver.memoryMib(new Driver(noDevice, 0, 0))).isEmpty();
        assertThat(CudaDriver.memoryMib(new Driver(0, noDevice, 0))).isEmpty();
        assertThat(CudaDriver.memoryMib(new Driver(0, 0, noDevice))).isEmpty();
        assertThat(Machine.gpuMib(Map.of("PYTORCH_FLAVOR", "cpu"))).isEmpty();
    }
}
