package dev.moco.training.bench;

import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of the benches of networks. */
final class ComputeOptions extends DeviceOptions {
    @Option(
            names = "--arch",
            paramLabel = "NAME",
            defaultValue = "resnet50",
            converter = ArchitectureConverter.class,
            description =
                    "resnet10w16, resnet18, resnet34, resnet50, resnet101 or resnet152." + " Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Architecture arch;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = "float32",
            description = "float32, tf32 (on a GPU) or bfloat16. Default: ${DEFAULT-VALUE}")
    Precision precision = Precision.FLOAT32;

    /** Formats a constant as on the command line. */
    static String optionValue(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Converts a name; the message for an unknown one lists the known names. */
    static final class ArchitectureConverter implements ITypeConverter<Architecture> {
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
