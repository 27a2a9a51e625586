package dev.moco.fullsize;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Body in the encoding {@code aws-chunked}: chunks with their signatures, which are not checked, and trailers. */
final class AwsChunkedStream extends InputStream {
    private static final int MAX_LINE = 8192;

    private final InputStream in;
    private final Map<String, String> trailers = new TreeMap<>();
    private long left;
    private boolean first = true;
    private boolean ended;

    AwsChunkedStream(InputStream in) {
        this.in = in;
    }

    /** Headers behind the last chunk, by names in lower case; complete at the end of the stream. */
    Map<String, String> trailers() {
        return trailers;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        if (left == 0 && !ended) {
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int read = in.read(bytes, from, (int) Math.min(count, left));
        if (read < 0) {
            throw new EOFException("the body ends within a chunk");
        }
        left -= read;
        return read;
    }

    private void nextChunk() throws IOException {
        if (!first) {
            line();
        }
        first = false;
        left = Long.parseLong(line().replaceFirst(";.*", "").strip(), 16);
        if (left == 0) {
            ended = true;
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    trailers.put(
                            line.substring(0, colon).toLowerCase(Locale.ROOT),
                            line.substring(colon + 1).strip());
                }
            }
        }
    }

    /** The next line without its end; empty at the end of the body. */
    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int value = in.read(); value >= 0 && value != '\n'; value = in.read()) {
            line.append((char) value);
            if (line.length() > MAX_LINE) {
                throw new IOException("a line of the chunked body is too long");
            }
        }
        return new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).strip();
    }
}
