package dev.moco.training.weights.formats;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes a pickle of protocol 2 or 3, without a memo. */
final class PickleWriter {
    private final OutputStream out;

    PickleWriter(OutputStream out, int protocol) throws IOException {
        this.out = out;
        out.write(0x80);
        out.write(protocol);
    }

    PickleWriter opcode(char opcode) throws IOException {
        out.write(opcode);
        return this;
    }

    PickleWriter mark() throws IOException {
        return opcode('(');
    }

    /** A tuple of the values since the mark. */
    PickleWriter tuple() throws IOException {
        return opcode('t');
    }

    /** A call of the function below the arguments. */
    PickleWriter call() throws IOException {
        return opcode('R');
    }

    PickleWriter global(String module, String name) throws IOException {
        out.write(('c' + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    PickleWriter emptyOrderedDict() throws IOException {
        return global("collections", "OrderedDict").opcode(')').call();
    }

    PickleWriter truth(boolean value) throws IOException {
        out.write(value ? 0x88 : 0x89);
        return this;
    }

    PickleWriter whole(int value) throws IOException {
        return number('J', value);
    }

    PickleWriter wholes(List<Integer> values) throws IOException {
        mark();
        for (int value : values) {
            whole(value);
        }
        return tuple();
    }

    PickleWriter text(String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        number('X', utf8.length);
        out.write(utf8);
        return this;
    }

    /** Bytes, of protocol 3. */
    PickleWriter bytes(TensorBytes tensor) throws IOException {
        number('B', Math.toIntExact(tensor.length()));
        tensor.content().write(out);
        return this;
    }

    void stop() throws IOException {
        opcode('.');
    }

    private PickleWriter number(char opcode, int value) throws IOException {
        out.write(opcode);
        out.write(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
        return this;
    }
}
