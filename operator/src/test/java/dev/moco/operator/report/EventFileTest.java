package dev.moco.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.HistoryPoint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Reads event files back by the rules that TensorFlow publishes for TFRecord and Protobuf for messages. */
class EventFileTest {
    private static final ReportInput.Run RUN = TestRuns.pretraining(List.of(
            new HistoryPoint(0, 0, Map.of("loss", 2.5, "learningRate", 0.03)),
            new HistoryPoint(1, 300, Map.of("knnTop1", 55.5)),
            new HistoryPoint(1, 600, Map.of("loss", Double.NaN))));

    @Test
    void everyPointIsAnEventWithItsTags() {
        List<SummaryEvent> events = events(EventFile.of(RUN));
        double start = RUN.manifest().provenance().started().toEpochMilli() / 1000.0;
        double end = RUN.manifest().provenance().finished().toEpochMilli() / 1000.0;
        assertThat(events)
                .containsExactly(
                        new SummaryEvent(start, 0, "brain.Event:2", Map.of()),
                        new SummaryEvent(start, 0, "", Map.of("learningRate", 0.03f, "loss", 2.5f)),
                        new SummaryEvent((start + end) / 2, 300, "", Map.of("knnTop1", 55.5f)),
                        new SummaryEvent(end, 600, "", Map.of("loss", Float.NaN)));
    }

    /** The first twelve bytes of every event file that TensorFlow writes: the length of its version's event, and its CRC. */
    @Test
    void theFileBeginsAsThoseOfTensorFlow() {
        byte[] file = EventFile.of(TestRuns.pretraining(List.of()));
        assertThat(HexFormat.of().formatHex(file, 0, 12)).isEqualTo("1800000000000000" + "a37f4b22");
        assertThat(new String(file, 23, 13, StandardCharsets.UTF_8)).isEqualTo("brain.Event:2");
        assertThat(file).hasSize(8 + 4 + 24 + 4);
    }

    @Test
    void theReaderOfThisTestKnowsTheChecksum() {
        assertThat(crc32c("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xe3069283);
    }

    @Test
    void theNameIsOneThatTensorBoardReads() {
        assertThat(EventFile.name(RUN)).matches("events\\.out\\.tfevents\\.\\d{10}\\.moco");
    }

    private record SummaryEvent(double time, long step, String version, Map<String, Float> values) {}

    private static List<SummaryEvent> events(byte[] file) {
        List<SummaryEvent> events = new ArrayList<>();
        ByteBuffer records = little(file);
        while (records.hasRemaining()) {
            byte[] length = bytes(records, 8);
            assertThat(records.getInt()).isEqualTo(masked(length));
            byte[] content = bytes(records, Math.toIntExact(little(length).getLong()));
            assertThat(records.getInt()).isEqualTo(masked(content));
            events.add(event(little(content)));
        }
        return events;
    }

    private static SummaryEvent event(ByteBuffer message) {
        double time = Double.NaN;
        long step = 0;
        String version = "";
        Map<String, Float> values = new TreeMap<>();
        while (message.hasRemaining()) {
            int tag = (int) varint(message);
            switch (tag) {
                case 1 << 3 | 1 -> time = message.getDouble();
                case 2 << 3 -> step = varint(message);
                case 3 << 3 | 2 -> version = text(message);
                case 5 << 3 | 2 -> values(little(delimited(message)), values);
                default -> throw new AssertionError("no field of an event has the tag " + tag);
            }
        }
        return new SummaryEvent(time, step, version, values);
    }

    private static void values(ByteBuffer summary, Map<String, Float> values) {
        while (summary.hasRemaining()) {
            assertThat(varint(summary)).isEqualTo(1 << 3 | 2);
            ByteBuffer value = little(delimited(summary));
            assertThat(varint(value)).isEqualTo(1 << 3 | 2);
            String name = text(value);
            assertThat(varint(value)).isEqualTo(2 << 3 | 5);
            values.put(name, value.getFloat());
            assertThat(value.hasRemaining()).isFalse();
        }
    }

    private static String text(ByteBuffer message) {
        return new String(delimited(message), StandardCharsets.UTF_8);
    }

    private static byte[] delimited(ByteBuffer message) {
        return bytes(message, Math.toIntExact(varint(message)));
    }

    private static long varint(ByteBuffer message) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = message.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static byte[] bytes(ByteBuffer from, int count) {
        byte[] bytes = new byte[count];
        from.get(bytes);
        return bytes;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int masked(byte[] bytes) {
        int crc = crc32c(bytes);
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }

    /** CRC-32C bit by bit, from its reversed polynomial. */
    private static int crc32c(byte[] bytes) {
        int crc = -1;
        for (byte next : bytes) {
            crc ^= next & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 1 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
            }
        }
        return ~crc;
    }
}
