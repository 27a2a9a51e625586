package dev.moco.contract;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Text as people's programs save it: UTF-8 with or without a byte order mark, or UTF-16 with one. */
public final class TextFile {
    private TextFile() {}

    /**
     * Decodes a whole file; the text begins after the byte order mark.
     *
     * @throws CharacterCodingException if it is neither; the message reads on after the file's name and says where
     */
    public static String decode(byte[] bytes) throws CharacterCodingException {
        if (startsWith(bytes, 0xef, 0xbb, 0xbf)) {
            return decode(bytes, 3, StandardCharsets.UTF_8);
        } else if (startsWith(bytes, 0xfe, 0xff)) {
            return decode(bytes, 2, StandardCharsets.UTF_16BE);
        } else if (startsWith(bytes, 0xff, 0xfe)) {
            return decode(bytes, 2, StandardCharsets.UTF_16LE);
        }
        return decode(bytes, 0, StandardCharsets.UTF_8);
    }

    private static String decode(byte[] bytes, int start, Charset charset) throws CharacterCodingException {
        CharsetDecoder decoder = charset.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, start, bytes.length - start);
        CharBuffer text = CharBuffer.allocate(bytes.length - start);
        CoderResult result = decoder.decode(in, text, true);
        text.flip();
        if (result.isError()) {
            String before = text.toString();
            long line = before.chars().filter(character -> character == '\n').count() + 1;
            int column = before.length() - before.lastIndexOf('\n');
            throw new NotText("not %s: byte %02x at line %d, column %d; save it as UTF-8"
                    .formatted(charset.name(), bytes[in.position()], line, column));
        }
        return text.toString();
    }

    private static boolean startsWith(byte[] bytes, int... first) {
        if (bytes.length < first.length) {
            return false;
        }
        for (int i = 0; i < first.length; i++) {
            if ((bytes[i] & 0xff) != first[i]) {
                return false;
            }
        }
        return true;
    }

    private static final class NotText extends CharacterCodingException {
        private static final long serialVersionUID = 1;
        private final String message;

        NotText(String message) {
            this.message = message;
        }

        @Override
        public String getMessage() {
            return message;
        }
    }
}
