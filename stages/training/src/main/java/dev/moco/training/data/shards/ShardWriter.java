package dev.moco.training.data.shards;

import dev.moco.contract.CanonicalJson;
import dev.moco.training.data.Sample;
import dev.moco.training.data.shards.DatasetIndex.Shard;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;

/** Writes one shard, image by image, then its index; several threads may write a shard each. */
public final class ShardWriter implements AutoCloseable {
    private static final int END_BYTES = 2 * Ustar.BLOCK;

    private final Path folder;
    private final String path;
    private final OutputStream tar;
    private final List<ShardIndex.Entry> entries = new ArrayList<>();
    private long position;

    /** Opens shard {@code number} of a split below a folder with the artifact's paths. */
    public ShardWriter(Path folder, Split split, int number) throws IOException {
        this.folder = folder;
        path = path(split, number);
        Path file = folder.resolve(path);
        Files.createDirectories(folder.resolve(split.id()));
        tar = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    }

    /**
     * Appends an encoded image unchanged.
     *
     * @param ordinal position in the split's order; the image's name in the tar
     */
    public void add(long ordinal, Sample sample, byte[] encoded) throws IOException {
        String extension = encoded.length > 0 && encoded[0] == (byte) 0x89 ? "png" : "jpg";
        tar.write(Ustar.header(String.format(Locale.ROOT, "%09d.%s", ordinal, extension), encoded.length));
        tar.write(encoded);
        tar.write(new byte[Ustar.padding(encoded.length)]);
        entries.add(new ShardIndex.Entry(
                sample.id(),
                position + Ustar.BLOCK,
                encoded.length,
                crc32c(encoded),
                sample.label(),
                sample.width(),
                sample.height(),
                sample.objects()));
        position += Ustar.bytes(encoded.length);
    }

    /** Path of a shard in the artifact. */
    public static String path(Split split, int number) {
        return String.format(Locale.ROOT, "%s/%06d.tar", split.id(), number);
    }

    /** Path of a shard's index in the artifact. */
    public static String indexPath(Split split, int number) {
        return path(split, number).replace(".tar", ".json");
    }

    /** Size in bytes of a shard of images of these sizes. */
    public static long bytes(LongStream lengths) {
        return lengths.map(Ustar::bytes).sum() + END_BYTES;
    }

    /** Ends the tar archive and writes its index beside it. */
    public Shard finish() throws IOException {
        tar.write(new byte[END_BYTES]);
        tar.close();
        String index = path.replace(".tar", ".json");
        Files.write(folder.resolve(index), CanonicalJson.bytes(new ShardIndex(entries)));
        return new Shard(path, index, position + END_BYTES, entries.size());
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    static long crc32c(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }
}
