package dev.moco.training.stage;

import ai.djl.Device;
import ai.djl.engine.Engine;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import dev.moco.contract.StageTask;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Hardware and versions of the machine on which this process runs. */
public final class Machine {
    private Machine() {}

    /** Peak resident memory of this process, MiB; 0 if the kernel does not report it. */
    public static long peakRssMib() {
        return kib(Path.of("/proc/self/status"), "VmHWM:") / 1024;
    }

    /** Memory that this process may use, MiB: the machine's, or the limit of its container. */
    public static long memoryMib() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize() >> 20;
    }

    /**
     * Memory of the GPU that this process computes on, MiB; empty without one.
     *
     * @param environment environment variables of the process, which say whether libtorch is for CUDA
     */
    public static OptionalLong gpuMib(Map<String, String> environment) {
        return environment.getOrDefault("PYTORCH_FLAVOR", "").startsWith("cu")
                ? CudaDriver.memoryMib()
                : OptionalLong.empty();
    }

    /** Bytes of the GPU in use, as its driver reports them to a thread that computes on it; empty without one. */
    public static OptionalLong gpuBytesInUse() {
        return CudaDriver.bytesInUse();
    }

    /** Name of the device that this process computes on: the GPU's as its driver has it, or "CPU". */
    public static String deviceName(Device device) {
        return device.isGpu() ? CudaDriver.name().orElse("GPU") : "CPU";
    }

    /** Number of GPUs that this process may use; 0 where libtorch is for the CPU. */
    public static int gpus(Map<String, String> environment) {
        return environment.getOrDefault("PYTORCH_FLAVOR", "").startsWith("cu") ? CudaDriver.count() : 0;
    }

    /** Limit of direct memory, MiB: a flag of the virtual machine, or else as much as its heap. */
    static long directMib() {
        long flag = Long.parseLong(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
        return (flag == 0 ? Runtime.getRuntime().maxMemory() : flag) >> 20;
    }

    /** Time since the start of this process. */
    public static long uptimeMillis() {
        return ManagementFactory.getRuntimeMXBean().getUptime();
    }

    /** Versions of the JVM, the engine and the image. */
    public static Map<String, String> versions(Map<String, String> environment) {
        Map<String, String> versions = new TreeMap<>();
        versions.put("java", System.getProperty("java.vm.version", "unknown"));
        versions.put("djl", Engine.getDjlVersion());
        versions.put("pytorch", environment.getOrDefault("PYTORCH_VERSION", "2.7.1"));
        String image = environment.get(StageTask.IMAGE_VARIABLE);
        if (image != null) {
            versions.put("image", image);
        }
        return versions;
    }

    /** Descriptions of processor, cores and memory. */
    public static Map<String, String> hardware() {
        Map<String, String> hardware = new TreeMap<>();
        hardware.put("processor", processor());
        hardware.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        hardware.put("memory", kib(Path.of("/proc/meminfo"), "MemTotal:") / (1 << 20) + " GiB");
        return hardware;
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch", "unknown"));
        } catch (IOException e) {
            return System.getProperty("os.arch", "unknown");
        }
    }

    private static long kib(Path file, String field) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
