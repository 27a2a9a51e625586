package dev.moco.training.weights.pickle;

import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Checks of single values of a pickle. */
public final class PickleValues {
    /** Most characters of a name or key. */
    public static final int NAME_LENGTH = 512;

    /** Largest size, stride or offset. */
    public static final long LARGEST = 1L << 62;

    /** Most dimensions of a tensor. */
    public static final int DIMENSIONS = 8;

    private PickleValues() {}

    /** Python's name of a value's type, for messages. */
    public static String type(Object value) {
        if (value instanceof Global global) {
            return global.toString();
        } else if (value instanceof PickleMap map) {
            return map.ordered() ? "OrderedDict" : "dict";
        } else if (value instanceof PickleList) {
            return "list";
        } else if (value instanceof PickleTuple) {
            return "tuple";
        } else if (value instanceof PickleNone) {
            return "None";
        } else if (value instanceof String) {
            return "str";
        } else if (value instanceof Bytes) {
            return "bytes";
        } else if (value instanceof Boolean) {
            return "bool";
        } else if (value instanceof Double) {
            return "float";
        } else if (value instanceof Long || value instanceof BigInteger) {
            return "int";
        }
        return value.getClass().getSimpleName();
    }

    /** A name, which Python 2 wrote as bytes. */
    public static String text(Object value, String what) throws IOException {
        if (value instanceof Bytes python2) {
            long length = python2.length();
            if (length > NAME_LENGTH) {
                throw tooLong(what, length);
            }
            return decode(python2.read(0, (int) length, what), StandardCharsets.US_ASCII, Reason.TEXT, what);
        }
        if (!(value instanceof String text)) {
            throw new RefusedException(Reason.TYPE, what + " must be text, found " + type(value));
        }
        if (text.length() > NAME_LENGTH) {
            throw tooLong(what, text.length());
        }
        return text;
    }

    private static RefusedException tooLong(String what, long length) {
        return new RefusedException(
                Reason.LENGTH, what + " must have at most " + NAME_LENGTH + " characters, found " + length);
    }

    static String decode(byte[] bytes, Charset charset, Reason reason, String what) {
        try {
            return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new RefusedException(reason, what + " must be " + charset.name() + ", found other bytes");
        }
    }

    /** A whole number that is not negative. A bool is none, although Python counts it as one. */
    public static long whole(Object value, String what, long most) {
        if (!(value instanceof Long number) || number < 0 || number > most) {
            String found = value instanceof Number ? value.toString() : type(value);
            throw new RefusedException(
                    Reason.NUMBER, what + " must be a whole number from 0 to " + most + ", found " + found);
        }
        return number;
    }

    /** Sizes or strides. */
    public static long[] wholes(Object value, String what) {
        List<Object> values;
        if (value instanceof PickleTuple tuple) {
            values = tuple.values();
        } else if (value instanceof PickleList list) {
            values = list.values();
        } else {
            throw new RefusedException(Reason.TYPE, what + " must be a tuple, found " + type(value));
        }
        if (values.size() > DIMENSIONS) {
            throw new RefusedException(
                    Reason.DIMS, what + " must have at most " + DIMENSIONS + " dimensions, found " + values.size());
        }
        return values.stream().mapToLong(number -> whole(number, what, LARGEST)).toArray();
    }

    /** Reports whether a value is a number that equals this one; True is 1 and False is 0. */
    public static boolean equals(Object value, long number) {
        return value instanceof Boolean truth
                ? (truth ? 1 : 0) == number
                : value instanceof Long whole && whole == number;
    }

    /** Reports whether a value is this text, or its bytes. */
    public static boolean isText(Object value, String text) throws IOException {
        return value instanceof Bytes bytes
                ? bytes.length() == text.length() && text(bytes, "text").equals(text)
                : text.equals(value);
    }
}
