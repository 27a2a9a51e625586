package dev.moco.training.weights;

import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Numbers in a row, over which tensors are views. In files of PyTorch they come after the tensors that name them. */
public final class TypedStorage {
    private final ElementType type;
    private final long elements;
    private final ByteOrder order;
    private @Nullable Bytes bytes;

    private TypedStorage(ElementType type, long elements, ByteOrder order, @Nullable Bytes bytes) {
        this.type = type;
        this.elements = elements;
        this.order = order;
        this.bytes = bytes;
    }

    /** A storage whose bytes are found later. */
    public static TypedStorage announced(ElementType type, long elements, ByteOrder order) {
        return new TypedStorage(type, elements, order, null);
    }

    /** A storage of all elements that fit in its bytes. */
    public static TypedStorage of(ElementType type, ByteOrder order, Bytes bytes) {
        if (bytes.length() % type.bytes() != 0) {
            throw new RefusedException(
                    Reason.BOUNDS, "numbers of " + type.bytes() + " bytes are over " + bytes.length() + " bytes");
        }
        return new TypedStorage(type, bytes.length() / type.bytes(), order, bytes);
    }

    public ElementType type() {
        return type;
    }

    public long elements() {
        return elements;
    }

    ByteOrder order() {
        return order;
    }

    /** Bytes that it needs. */
    public long length() {
        return elements * type.bytes();
    }

    public boolean isFilled() {
        return bytes != null;
    }

    /** Sets the bytes, {@link #length} of them. */
    public void fill(Bytes found) {
        if (found.length() != length()) {
            throw new IllegalArgumentException("a storage of " + length() + " bytes cannot have " + found.length());
        }
        bytes = found;
    }

    Bytes bytes() {
        if (bytes == null) {
            throw new RefusedException(Reason.STORAGE, "its storage is not in the file");
        }
        return bytes;
    }
}
