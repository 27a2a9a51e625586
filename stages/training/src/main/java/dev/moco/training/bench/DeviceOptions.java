package dev.moco.training.bench;

import ai.djl.Device;
import picocli.CommandLine.Option;

/** What every bench of the engine takes. */
class DeviceOptions {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "cpu or cuda, which is the first GPU. Default: ${DEFAULT-VALUE}")
    Place device = Place.CPU;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the engine. Default: all cores")
    int threads = Runtime.getRuntime().availableProcessors();

    /** Where the engine computes, as it is typed. */
    enum Place {
        CPU,
        CUDA
    }

    Device device() {
        return device == Place.CUDA ? Device.gpu() : Device.cpu();
    }

    void check() {
        BenchMain.require("--threads", threads, 1);
    }
}
