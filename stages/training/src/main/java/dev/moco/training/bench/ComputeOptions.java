package dev.moco.training.bench;

import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What every bench of networks takes. */
final class ComputeOptions extends DeviceOptions {
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
