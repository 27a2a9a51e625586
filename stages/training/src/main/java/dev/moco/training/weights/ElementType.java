package dev.moco.training.weights;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Types of the numbers in a file of weights, with the names that PyTorch, safetensors and NumPy give them. */
public enum ElementType {
    FLOAT32(4, "Float", "F32", "f4"),
    FLOAT64(8, "Double", "F64", "f8"),
    FLOAT16(2, "Half", "F16", "f2"),
    BFLOAT16(2, "BFloat16", "BF16", ""),
    INT64(8, "Long", "I64", "i8"),
    INT32(4, "Int", "I32", "i4"),
    INT16(2, "Short", "I16", "i2"),
    INT8(1, "Char", "I8", "i1"),
    UINT8(1, "Byte", "U8", "u1"),
    BOOL(1, "Bool", "BOOL", "b1");

    private final int bytes;
    private final String torch;
    private final String safetensors;
    private final String numpy;

    ElementType(int bytes, String torch, String safetensors, String numpy) {
        this.bytes = bytes;
        this.torch = torch;
        this.safetensors = safetensors;
        this.numpy = numpy;
    }

    public int bytes() {
        return bytes;
    }

    /** Prefix of PyTorch's storage and tensor classes, such as Float of FloatStorage. */
    public String torch() {
        return torch;
    }

    /** PyTorch's name of the type, such as float32. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    String safetensors() {
        return safetensors;
    }

    /** The type of a name in safetensors. */
    static Optional<ElementType> ofSafetensors(String name) {
        return Arrays.stream(values())
                .filter(type -> type.safetensors.equals(name))
                .findFirst();
    }

    /** The type of a name in NumPy, without its byte order. */
    public static Optional<ElementType> ofNumpy(String name) {
        return Arrays.stream(values())
                .filter(type -> !name.isEmpty() && type.numpy.equals(name))
                .findFirst();
    }

    /** True for types of numbers with a fraction, which weights are. */
    public boolean isFloat() {
        return this == FLOAT32 || this == FLOAT64 || this == FLOAT16 || this == BFLOAT16;
    }

    /** A number of a floating type at a position of a buffer, rounded to float32. */
    float floatAt(ByteBuffer bytes, int position) {
        return switch (this) {
            case FLOAT32 -> bytes.getFloat(position);
            case FLOAT64 -> (float) bytes.getDouble(position);
            case FLOAT16 -> half(bytes.getShort(position));
            case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(position) << 16);
            case INT64, INT32, INT16, INT8, UINT8, BOOL -> throw new IllegalStateException(id() + " is no float");
        };
    }

    /** A number of an integer type at a position of a buffer. */
    long wholeAt(ByteBuffer bytes, int position) {
        return switch (this) {
            case INT64 -> bytes.getLong(position);
            case INT32 -> bytes.getInt(position);
            case INT16 -> bytes.getShort(position);
            case INT8 -> bytes.get(position);
            case UINT8, BOOL -> bytes.get(position) & 255;
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> throw new IllegalStateException(id() + " is no integer");
        };
    }

    /** A number of IEEE 754's binary16: a sign, 5 bits of exponent, 10 of fraction. */
    private static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float small = fraction * 0x1p-24f;
            return sign == 0 ? small : -small;
        }
        int wide = exponent == 0x1f ? 0xff : exponent + 127 - 15;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }
}
