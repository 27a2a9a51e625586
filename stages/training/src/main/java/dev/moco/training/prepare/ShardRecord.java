package dev.moco.training.prepare;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.Sha256;
import dev.moco.training.data.shards.DatasetIndex.Shard;
import dev.moco.training.data.shards.ShardWriter;
import dev.moco.training.data.shards.Split;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Record of a shard that is in the store. All that the manifest and the index of the data set say about a shard is in it,
 * so that a shard is neither read nor decoded again by a run that is restarted.
 *
 * @param version {@link #VERSION}
 * @param listing SHA-256 of the listing of the shard's images: names, places in the source, sizes, labels
 * @param tar the shard
 * @param index its index
 * @param images images in the shard
 * @param findings findings in the images, and those that were skipped
 */
record ShardRecord(int version, String listing, FileEntry tar, FileEntry index, int images, Findings findings) {
    /** Incremented when the same images give other shards, so that no shards of two versions are mixed. */
    static final int VERSION = 1;

    static String listing(List<RawImage> images) {
        return Sha256.of(CanonicalJson.bytes(List.copyOf(images)));
    }

    /** Name of the part that a shard is. */
    static String part(Split split, int number) {
        return ShardWriter.path(split, number).replace('/', '-').replace(".tar", "");
    }

    /**
     * Returns whether this record, which may be anyone's, is that of a shard of these images. The listing says how many
     * bytes such a shard has. Its content is verified by whoever reads it.
     */
    boolean isOf(Split split, int number, List<RawImage> raw) {
        Set<String> names = raw.stream().map(RawImage::id).collect(Collectors.toSet());
        return version == VERSION
                && images > 0
                && images + findings.bad().size() == raw.size()
                && names.containsAll(findings.bad().keySet())
                && names.containsAll(findings.warned().keySet())
                && names.containsAll(findings.clipped().keySet())
                && findings.objects() >= 0
                && listing.equals(listing(raw))
                && tar.path().equals(ShardWriter.path(split, number))
                && index.path().equals(ShardWriter.indexPath(split, number))
                && tar.size()
                        == ShardWriter.bytes(raw.stream()
                                .filter(image -> !findings.bad().containsKey(image.id()))
                                .mapToLong(image -> image.image().length()));
    }

    /** Entry of the data set's index. */
    Shard shard() {
        return new Shard(tar.path(), index.path(), tar.size(), images);
    }
}
