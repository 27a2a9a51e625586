package dev.moco.training.weights.pickle;

import dev.moco.training.weights.input.ByteReader;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Reads a pickle. Values are Boolean, Long, BigInteger, Double, String, {@link Bytes} (not read), {@link PickleNone},
 * {@link PickleTuple}, {@link PickleList}, {@link PickleMap}, {@link Global}, and those of the {@link PickleRules}. Nothing
 * is executed: a call is a request to the rules, which know the few functions that weights need.
 */
public final class PickleReader {
    private static final int OPCODES = 4_000_000;
    private static final int LOWEST_PROTOCOL = 2;
    private static final long FRAME_BYTES = 16 << 20;
    /** Most bytes of a single bytes object, an array of 256 million numbers. */
    private static final long BYTES = 1 << 30;

    private static final int INTEGER_BYTES = 10;
    private static final Object MODULE_STATE = "_metadata";

    // Upper bounds of the memory that values take.
    private static final int SCALAR = 40;
    private static final int CONTAINER = 120;
    private static final int ITEM = 16;
    private static final int ENTRY = 72;

    private final ByteReader in;
    private final PickleRules rules;
    private final PickleStack stack = new PickleStack();

    private PickleReader(ByteReader in, PickleRules rules) {
        this.in = in;
        this.rules = rules;
    }

    /**
     * Reads one pickle, up to and with its STOP.
     *
     * @throws RefusedException if it says anything that the rules do not allow
     */
    public static Object read(ByteReader in, PickleRules rules) throws IOException {
        long start = in.position();
        try {
            return new PickleReader(in, rules).read();
        } catch (RefusedException e) {
            throw e.in("byte " + (in.position() - start) + " of the pickle");
        }
    }

    private Object read() throws IOException {
        for (int count = 0; count < OPCODES; count++) {
            int opcode = in.unsignedByte("the pickle");
            if (opcode == '.') {
                Object result = stack.result();
                Nesting.check(result);
                return result;
            }
            step(opcode);
        }
        throw new RefusedException(Reason.LENGTH, "a pickle must have at most " + OPCODES + " opcodes, found more");
    }

    private void step(int opcode) throws IOException {
        switch (opcode) {
            case 0x80 -> protocol();
            case 0x95 -> length(in.whole8("FRAME"), FRAME_BYTES, "a frame");
            case '(' -> stack.mark();
            case 'N' -> stack.push(PickleNone.NONE);
            case 0x88 -> stack.push(true);
            case 0x89 -> stack.push(false);
            case 'J' -> scalar((long) in.whole4("BININT"));
            case 'K' -> scalar((long) in.unsignedByte("BININT1"));
            case 'M' -> scalar((long) in.unsignedShort("BININT2"));
            case 0x8a -> integer();
            case 'G' -> scalar(Double.longBitsToDouble(Long.reverseBytes(in.whole8("BINFLOAT"))));
            case 'X' -> text(Integer.toUnsignedLong(in.whole4("BINUNICODE")));
            case 0x8c -> text(in.unsignedByte("SHORT_BINUNICODE"));
            case 'U', 'C' -> bytes(in.unsignedByte("SHORT_BINBYTES"));
            case 'B' -> bytes(Integer.toUnsignedLong(in.whole4("BINBYTES")));
            case 'T' -> bytes(in.whole4("BINSTRING"));
            case 0x8e, 0x96 -> bytes(in.whole8("BINBYTES8"));
            case ')' -> tuple(List.of());
            case 0x85, 0x86, 0x87 -> tuple(pop(opcode - 0x84));
            case 't' -> tuple(stack.popToMark());
            case ']' -> push(new PickleList(), CONTAINER);
            case '}' -> push(new PickleMap(false), CONTAINER);
            case 'a' -> append();
            case 'e' -> appends();
            case 's' -> setItems(pop(2));
            case 'u' -> setItems(stack.popToMark());
            case 'q' -> stack.put(in.unsignedByte("BINPUT"));
            case 'r' -> stack.put(Integer.toUnsignedLong(in.whole4("LONG_BINPUT")));
            case 0x94 -> stack.putNext();
            case 'h' -> stack.get(in.unsignedByte("BINGET"));
            case 'j' -> stack.get(Integer.toUnsignedLong(in.whole4("LONG_BINGET")));
            case 'c' -> global(line(), line());
            case 0x93 -> stackGlobal();
            case 'R' -> reduce();
            case 'b' -> build();
            case 'Q' -> push(rules.persistent(stack.pop()), CONTAINER);
            default -> throw new RefusedException(Reason.OPCODE, "opcode " + Opcode.name(opcode) + " is not allowed");
        }
    }

    private void push(Object value, long bytes) {
        stack.spend(bytes);
        stack.push(value);
    }

    private void scalar(Object value) {
        push(value, SCALAR);
    }

    private List<Object> pop(int count) {
        List<Object> popped = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            popped.add(stack.pop());
        }
        Collections.reverse(popped);
        return popped;
    }

    private void protocol() throws IOException {
        int protocol = in.unsignedByte("PROTO");
        if (protocol < LOWEST_PROTOCOL || protocol > rules.protocol()) {
            throw new RefusedException(
                    Reason.OPCODE,
                    "the protocol must be " + LOWEST_PROTOCOL + " to " + rules.protocol() + ", found " + protocol);
        }
    }

    private static void length(long found, long most, String what) {
        if (found < 0 || found > most) {
            throw new RefusedException(
                    Reason.LENGTH,
                    what + " must have at most " + most + " bytes, found " + Long.toUnsignedString(found));
        }
    }

    private void integer() throws IOException {
        int length = in.unsignedByte("LONG1");
        if (length > INTEGER_BYTES) {
            throw new RefusedException(
                    Reason.NUMBER, "a whole number must have at most " + INTEGER_BYTES + " bytes, found " + length);
        }
        byte[] bytes = new byte[length + 1];
        byte[] little = in.readBytes(length, "LONG1");
        for (int i = 0; i < length; i++) {
            bytes[length - i] = little[i];
        }
        bytes[0] = (byte) (length > 0 && little[length - 1] < 0 ? -1 : 0);
        BigInteger number = new BigInteger(bytes);
        scalar(number.bitLength() < Long.SIZE ? (Object) number.longValue() : number);
    }

    private void text(long length) throws IOException {
        length(length, rules.textLength(), "a text");
        stack.spend(4 * length);
        byte[] utf8 = in.readBytes((int) length, "a text");
        scalar(PickleValues.decode(utf8, StandardCharsets.UTF_8, Reason.TEXT, "a text"));
    }

    private void bytes(long length) {
        length(length, BYTES, "bytes");
        scalar(in.span(length, "bytes"));
    }

    private void tuple(List<Object> values) {
        push(new PickleTuple(values), CONTAINER + (long) ITEM * values.size());
    }

    private void append() {
        Object value = stack.pop();
        stack.spend(ITEM);
        list().add(value);
    }

    private void appends() {
        List<Object> values = stack.popToMark();
        stack.spend((long) ITEM * values.size());
        list().addAll(values);
    }

    /** The list on top. */
    private PickleList list() {
        if (stack.top() instanceof PickleList list) {
            return list;
        }
        throw new RefusedException(Reason.TYPE, "values are appended to " + PickleValues.type(stack.top()));
    }

    private void setItems(List<Object> items) throws IOException {
        if (!(stack.top() instanceof PickleMap map)) {
            throw new RefusedException(Reason.TYPE, "items are set on " + PickleValues.type(stack.top()));
        }
        stack.spend((long) ENTRY * items.size());
        map.putAll(items);
    }

    /** A line of a GLOBAL. */
    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.unsignedByte("a name"); next != '\n'; next = in.unsignedByte("a name")) {
            if (next > 127) {
                throw new RefusedException(Reason.GLOBAL, "a name must be ASCII, found byte " + next);
            }
            if (line.length() == PickleValues.NAME_LENGTH) {
                throw new RefusedException(
                        Reason.LENGTH, "a name must have at most " + PickleValues.NAME_LENGTH + " bytes, found more");
            }
            line.append((char) next);
        }
        return line.toString();
    }

    private void stackGlobal() throws IOException {
        Object name = stack.pop();
        Object module = stack.pop();
        global(PickleValues.text(module, "a module"), PickleValues.text(name, "a name"));
    }

    private void global(String module, String name) {
        Global found = Global.of(module, name);
        if (!rules.names().contains(found)) {
            List<String> allowed =
                    rules.names().stream().map(Global::toString).sorted().toList();
            throw new RefusedException(
                    Reason.GLOBAL,
                    RefusedException.shown(found.toString()) + " is not allowed; allowed are "
                            + (allowed.isEmpty() ? "no names" : String.join(", ", allowed)));
        }
        scalar(found);
    }

    private void reduce() throws IOException {
        Object arguments = stack.pop();
        Object function = stack.pop();
        if (!(function instanceof Global global) || !(arguments instanceof PickleTuple tuple)) {
            throw new RefusedException(
                    Reason.CALL, PickleValues.type(function) + " is called with " + PickleValues.type(arguments));
        }
        push(global.equals(Global.ORDERED_DICT) ? orderedDict(tuple) : rules.call(global, tuple), CONTAINER);
    }

    /** Python 3 creates an empty one and sets items; Python 2 creates it from a list of pairs. */
    private Object orderedDict(PickleTuple arguments) throws IOException {
        PickleMap map = new PickleMap(true);
        if (arguments.size() == 0) {
            return map;
        }
        if (arguments.size() != 1 || !(arguments.get(0) instanceof PickleList pairs)) {
            throw refusedOrderedDict();
        }
        for (Object item : pairs.values()) {
            if (!(item instanceof PickleList pair) || pair.values().size() != 2) {
                throw refusedOrderedDict();
            }
            stack.spend(2 * ENTRY);
            map.putAll(pair.values());
        }
        return map;
    }

    private static RefusedException refusedOrderedDict() {
        return new RefusedException(
                Reason.CALL, Global.ORDERED_DICT + " must be called without arguments, or with a list of pairs");
    }

    private void build() throws IOException {
        Object state = stack.pop();
        Object target = stack.top();
        if (!isModuleState(target, state) && !rules.build(target, state)) {
            throw new RefusedException(
                    Reason.BUILD, "a state, " + PickleValues.type(state) + ", is set on " + PickleValues.type(target));
        }
    }

    /** True for the versions of modules that a state dict has as an attribute, which are ignored. */
    private static boolean isModuleState(Object target, Object state) {
        return target instanceof PickleMap map
                && map.ordered()
                && state instanceof PickleMap attributes
                && !attributes.ordered()
                && attributes.entries().keySet().stream().allMatch(MODULE_STATE::equals);
    }
}
