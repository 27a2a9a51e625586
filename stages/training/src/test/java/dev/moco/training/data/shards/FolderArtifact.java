package dev.moco.training.data.shards;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/** Files of a folder as an artifact without a manifest. */
public record FolderArtifact(Path folder) implements ArtifactReader {
    @Override
    public Manifest manifest() {
        throw new UnsupportedOperationException("a folder has no manifest");
    }

    @Override
    public Path file(String path) {
        return folder.resolve(path);
    }

    @Override
    public Optional<Path> fileIfRoom(String path) {
        return Optional.of(file(path));
    }

    @Override
    public ByteBuffer range(String path, long offset, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(folder.resolve(path))) {
            ByteBuffer buffer = ByteBuffer.allocate(length);
            channel.read(buffer, offset);
            return buffer.flip();
        }
    }
}
