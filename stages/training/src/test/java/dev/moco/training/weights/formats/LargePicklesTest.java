package dev.moco.training.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.moco.training.weights.input.ByteReader;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.PickleReader;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pickles of megabytes that make as much as they can of each byte; all allocations count, also those that are freed. */
class LargePicklesTest {
    private static final int LENGTH = 16 << 20;
    private static final long MEMORY = 64 << 20;

    /** The parts are opcodes in Latin-1, with \x for bytes in hexadecimal. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "lists on the stack, ], STACK",
        "marks, (, STACK",
        "None on the stack, N, STACK",
        "lists in a list, ]a, LENGTH",
        "maps in a list, }a, LENGTH",
        "numbers in a list, G\\x40\\x09\\x21\\xfb\\x54\\x44\\x2d\\x18a, LENGTH",
        "one list many times in a list, h\\x01a, LENGTH",
        "tuples of many, (h\\x01h\\x01h\\x01h\\x01h\\x01h\\x01h\\x01h\\x01ta, LENGTH",
        "empty tuples, )a, LENGTH",
        "memo at random, ]r\\xff\\xff\\x0e\\x00a, LENGTH",
        "memo in turn, \\x94, MEMO",
        "text, X\\xff\\xff\\x00\\x00, LENGTH",
        "calls, ccollections\\x0aOrderedDict\\x0a)Ra, LENGTH"
    })
    void memoryIsBounded(String name, String part, Reason reason) {
        byte[] pickle = pickle(part);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        RefusedException refused = catchThrowableOfType(
                RefusedException.class,
                () -> PickleReader.read(
                        new ByteReader(Bytes.of(pickle)),
                        TorchRules.object(new Storages(false, ByteOrder.LITTLE_ENDIAN))));

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).as(name).isLessThan(MEMORY);
        assertThat(refused.reason()).as(refused.getMessage()).isEqualTo(reason);
    }

    /** A list that is memorized as 0, another as 1, then the part again and again. */
    private static byte[] pickle(String part) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < part.length(); i++) {
            if (part.startsWith("\\x", i)) {
                bytes.write(Integer.parseInt(part.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                bytes.write(part.charAt(i));
            }
        }
        if (part.startsWith("X")) {
            bytes.writeBytes("t".repeat(0xffff).getBytes(StandardCharsets.US_ASCII));
            bytes.write('a');
        }
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2, ']', 'q', 0, ']', 'q', 1, 'a'});
        while (pickle.size() < LENGTH) {
            pickle.writeBytes(bytes.toByteArray());
        }
        return pickle.toByteArray();
    }
}
