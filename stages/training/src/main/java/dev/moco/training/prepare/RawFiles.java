package dev.moco.training.prepare;

import java.io.IOException;
import java.util.function.Consumer;

/** A raw data set as files with random access: a folder, or the objects below an S3 prefix. */
interface RawFiles {
    /** Lists every file below the root, in the order of paths. */
    void list(Consumer<RawFile> each) throws IOException;

    /** Reads a range of bytes of a file. */
    byte[] range(String path, long offset, int length) throws IOException;

    /** Number of reads at a time that make a listing faster. */
    int mostReads();

    /** Last part of a path. */
    static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** A file: its path relative to the root, with slashes, and its size in bytes. */
    record RawFile(String path, long size) {}
}
