package dev.moco.training.bench;

import ai.djl.Device;
import picocli.CommandLine.Option;

/** Options of the benches that use the engine. */
class DeviceOptions {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "cpu or cuda, which is the first GPU; all of them in `world`. Default: ${DEFAULT-VALUE}")
    DeviceName device = DeviceName.CPU;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the engine. Default: all cores")
    int threads = Runtime.getRuntime().availableProcessors();

    /** Devices of the engine. */
    enum DeviceName {
        CPU,
        CUDA
    }

    Device device() {
        return device == DeviceName.CUDA ? Device.gpu() : Device.cpu();
    }

    void check() {
        BenchMain.requireAtLeast("--threads", threads, 1);
    }
}
