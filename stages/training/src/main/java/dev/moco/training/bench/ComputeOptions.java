package dev.moco.training.bench;

import ai.djl.Device;
import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What every bench of the engine takes. */
final class ComputeOptions {
    @Option(
            names = "--architecture",
            paramLabel = "NAME",
            defaultValue = "resnet50",
            converter = ArchitectureOfName.class,
            description =
                    "resnet10w16, resnet18, resnet34, resnet50, resnet101 or resnet152." + " Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Architecture architecture;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = "float32",
            description = "float32 or bfloat16. Default: ${DEFAULT-VALUE}")
    Precision precision = Precision.FLOAT32;

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

    /** As it is typed. */
    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** A wrong name is answered with the known ones. */
    static final class ArchitectureOfName implements ITypeConverter<Architecture> {
        @Override
        public Architecture convert(String name) {
            try {
                return Architecture.of(name.toLowerCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
