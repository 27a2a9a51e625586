package dev.moco.training.engine;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.TorchScript;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * TorchScript methods from text resources, compiled once; safe for many threads.
 *
 * <p>A resource holds methods of one class in the dialect that {@code torch.jit.save} writes. Resources are joined,
 * so one may call another's methods. Within a call, arrays are freed as soon as nothing needs them; what a call
 * returns belongs to the manager it was called with, and ends with it.
 */
public final class TorchProgram implements AutoCloseable {
    private static final String HEADER = """
            class Program(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
            """;

    private static final Pattern LINE = Pattern.compile("__torch__\\.py\", line (\\d+)");

    private final AtomicLong module;

    private TorchProgram(long module) {
        this.module = new AtomicLong(module);
    }

    /**
     * Compiles resources.
     *
     * @param resources absolute names on the class path
     * @throws EngineException on a mistake in the text, naming resource and line
     */
    public static TorchProgram compile(Device device, String... resources) {
        StringBuilder source = new StringBuilder(HEADER);
        NavigableMap<Integer, String> starts = new TreeMap<>();
        for (String resource : resources) {
            starts.put(
                    (int) source.chars().filter(character -> character == '\n').count(), resource);
            source.append(text(resource)).append('\n');
        }
        try {
            return new TorchProgram(TorchScript.load(archive(source.toString()), device));
        } catch (EngineException e) {
            throw new EngineException(place(e, starts) + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Resource and line of a mistake, from its line in the joined source; empty if the message names none. */
    private static String place(EngineException mistake, NavigableMap<Integer, String> starts) {
        Matcher line = LINE.matcher(String.valueOf(mistake.getMessage()));
        Map.Entry<Integer, String> resource = line.find() ? starts.lowerEntry(Integer.parseInt(line.group(1))) : null;
        return resource == null
                ? ""
                : resource.getValue() + ":" + (Integer.parseInt(line.group(1)) - resource.getKey()) + ": ";
    }

    /** Runs a method without recording gradients. */
    public NDList call(NDManager manager, String method, Object... arguments) {
        return TorchScript.call(module.get(), (PtNDManager) manager, method, false, arguments);
    }

    /** Runs a method that takes gradients, or whose results gradients will be taken of. */
    public NDList callWithGradients(NDManager manager, String method, Object... arguments) {
        return TorchScript.call(module.get(), (PtNDManager) manager, method, true, arguments);
    }

    /** Ends the program; again does nothing. */
    @Override
    public void close() {
        long loaded = module.getAndSet(0);
        if (loaded != 0) {
            TorchScript.unload(loaded);
        }
    }

    private static String text(String resource) {
        try (InputStream stream = TorchProgram.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalArgumentException("no TorchScript resource " + resource);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The archive that {@code torch.jit.save} would write for an instance without parameters. */
    private static byte[] archive(String source) throws IOException {
        // Pickle, protocol 2: an object of __torch__.Program with {"training": True}.
        String object = "\u0080\u0002c__torch__\nProgram\n)\u0081}X\u0008\u0000\u0000\u0000training\u0088sb.";
        String noConstants = "\u0080\u0002).";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            store(zip, "program/data.pkl", object.getBytes(StandardCharsets.ISO_8859_1));
            store(zip, "program/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            store(zip, "program/constants.pkl", noConstants.getBytes(StandardCharsets.ISO_8859_1));
            store(zip, "program/version", "3\n".getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 checksum = new CRC32();
        checksum.update(content);
        entry.setSize(content.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
