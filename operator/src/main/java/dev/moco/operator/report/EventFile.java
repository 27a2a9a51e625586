package dev.moco.operator.report;

import dev.moco.contract.HistoryPoint;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * An event file of TensorBoard with the curves of a task: records of TensorFlow's TFRecord format, each a Protobuf message
 * {@code Event}. A history has steps and no times, so the times of events are spread evenly over those of the task.
 */
public final class EventFile {
    private static final String VERSION = "brain.Event:2";
    private static final int CRC_MASK = 0xa282ead8;

    // Wire types of Protobuf.
    private static final int VARINT = 0;
    private static final int BITS_64 = 1;
    private static final int BYTES = 2;
    private static final int BITS_32 = 5;

    private EventFile() {}

    /** Name of the file; TensorBoard reads files with {@code tfevents} in their names. */
    public static String name(ReportInput.Run run) {
        return "events.out.tfevents." + run.manifest().provenance().started().getEpochSecond() + ".moco";
    }

    /** The file, with a tag such as {@code loss} for each metric of the history. */
    public static byte[] of(ReportInput.Run run) {
        Instant started = run.manifest().provenance().started();
        double start = seconds(started);
        double length = Math.max(0, seconds(run.manifest().provenance().finished()) - start);
        List<HistoryPoint> history = run.history();
        long last = history.stream().mapToLong(HistoryPoint::step).max().orElse(0);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        append(file, version(start));
        for (HistoryPoint point : history) {
            double time = start + length * point.step() / Math.max(1, last);
            append(file, event(time, point.step(), point.values()));
        }
        return file.toByteArray();
    }

    private static double seconds(Instant time) {
        return time.toEpochMilli() / 1000.0;
    }

    /** {@code Event} with the version of the format: wall_time = 1, file_version = 3. */
    private static byte[] version(double time) {
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        fixed(event, 1, time);
        bytes(event, 3, VERSION.getBytes(StandardCharsets.UTF_8));
        return event.toByteArray();
    }

    /** {@code Event} with a summary: wall_time = 1, step = 2, summary = 5. */
    private static byte[] event(double time, long step, Map<String, Double> values) {
        ByteArrayOutputStream summary = new ByteArrayOutputStream();
        new TreeMap<>(values).forEach((tag, value) -> bytes(summary, 1, value(tag, value)));
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        fixed(event, 1, time);
        tag(event, 2, VARINT);
        varint(event, step);
        bytes(event, 5, summary.toByteArray());
        return event.toByteArray();
    }

    /** {@code Summary.Value}: tag = 1, simple_value = 2. */
    private static byte[] value(String tag, double number) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        bytes(value, 1, tag.getBytes(StandardCharsets.UTF_8));
        tag(value, 2, BITS_32);
        value.writeBytes(little(4).putFloat((float) number).array());
        return value.toByteArray();
    }

    private static void fixed(ByteArrayOutputStream message, int field, double value) {
        tag(message, field, BITS_64);
        message.writeBytes(little(8).putDouble(value).array());
    }

    private static void bytes(ByteArrayOutputStream message, int field, byte[] content) {
        tag(message, field, BYTES);
        varint(message, content.length);
        message.writeBytes(content);
    }

    private static void tag(ByteArrayOutputStream message, int field, int type) {
        varint(message, (long) field << 3 | type);
    }

    private static void varint(ByteArrayOutputStream message, long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            message.write((int) ((left & 0x7f) | 0x80));
            left >>>= 7;
        }
        message.write((int) left);
    }

    /** A record: length, its masked CRC, content, its masked CRC. */
    private static void append(ByteArrayOutputStream file, byte[] content) {
        byte[] length = little(8).putLong(content.length).array();
        file.writeBytes(length);
        file.writeBytes(little(4).putInt(maskedCrc(length)).array());
        file.writeBytes(content);
        file.writeBytes(little(4).putInt(maskedCrc(content)).array());
    }

    private static int maskedCrc(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
