package dev.moco.training.prepare;

import dev.moco.contract.StageFailure;
import java.io.IOException;

/** A range of bytes of a raw file: the whole file, a member of a tar, or a member of a tar inside a tar. */
record Extent(String path, long offset, long length) {
    byte[] read(RawFiles files) throws IOException {
        if (length > Integer.MAX_VALUE - 8) {
            throw StageFailure.badData("%s: %d bytes from %d on are too many for one file, at most 2 GiB are allowed"
                    .formatted(path, length, offset));
        }
        return files.range(path, offset, (int) length);
    }
}
