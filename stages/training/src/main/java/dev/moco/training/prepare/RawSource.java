package dev.moco.training.prepare;

import dev.moco.artifacts.SourceTree;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.util.List;

/** Files of the source that a task names: a folder or an S3 prefix. */
final class RawSource implements RawFiles, AutoCloseable {
    private final SourceTree tree;
    private final boolean remote;

    private RawSource(SourceTree tree, boolean remote) {
        this.tree = tree;
        this.remote = remote;
    }

    static RawSource open(String source, StoreLocation store) {
        return new RawSource(SourceTree.open(source, store), source.startsWith("s3://"));
    }

    /** Returns whether each read takes a network round trip. */
    boolean remote() {
        return remote;
    }

    @Override
    public List<RawFile> list() throws IOException {
        return tree.list().stream()
                .map(entry -> new RawFile(entry.path(), entry.size()))
                .toList();
    }

    @Override
    public byte[] range(String path, long offset, int length) throws IOException {
        return tree.range(path, offset, length);
    }

    @Override
    public void close() {
        tree.close();
    }
}
