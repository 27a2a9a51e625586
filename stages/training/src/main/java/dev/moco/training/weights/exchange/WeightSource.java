package dev.moco.training.weights.exchange;

import dev.moco.artifacts.Checkpoints;
import dev.moco.artifacts.Checkpoints.CheckpointFile;
import dev.moco.artifacts.ObjectStore;
import dev.moco.artifacts.SourceTree;
import dev.moco.artifacts.SourceTree.SourceFile;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import dev.moco.training.resnet.EncoderFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of weights: one file of another program, or the encoder of a checkpoint that pre-training has kept.
 *
 * @param name its name for a person
 * @param copy local copy, whose name keeps the ending, by which formats are told apart
 */
record WeightSource(String name, Path copy) {
    /** Both encoders, momentum and queue of the largest architecture in float64 have 1.6 GiB. */
    private static final long MOST_BYTES = 2L << 30;

    /** Formats that are known by the names of their files. */
    private static final List<String> ENDINGS = List.of(".safetensors", ".pkl", ".npz");

    /** Most objects of a checkpoint, with those of other attempts at its step. */
    private static final int MOST_OBJECTS = 1000;

    /**
     * Copies the file to a folder.
     *
     * @param source {@code s3://bucket/path} or a path, of a file or of the folder of a checkpoint
     * @param md5 receives its bytes
     * @param sha256 receives them too
     */
    static WeightSource copy(
            String source, @Nullable StoreLocation store, Path folder, MessageDigest md5, MessageDigest sha256)
            throws IOException {
        try (SourceTree tree = SourceTree.open(source, store)) {
            List<SourceFile> files = files(source, tree);
            SourceFile file = files.get(0);
            String trimmed = source.replaceAll("/+$", "");
            String name = trimmed.substring(trimmed.lastIndexOf('/') + 1);
            if (files.size() > 1) {
                CheckpointFile encoder = encoder(source, tree);
                file = files.stream()
                        .filter(object -> object.path().equals(encoder.entry().path()))
                        .findFirst()
                        .orElseThrow(() -> StageFailure.badData(
                                source + " lacks " + encoder.entry().path() + ", which its list has"));
                name = "checkpoint of step " + encoder.step();
            }
            if (file.size() > MOST_BYTES) {
                throw StageFailure.badData(
                        source + " must have at most " + MOST_BYTES + " bytes, found " + file.size());
            }
            String path = file.path();
            Path to = folder.resolve("weights"
                    + ENDINGS.stream().filter(path::endsWith).findFirst().orElse(".pth"));
            try (InputStream in = new DigestInputStream(new DigestInputStream(tree.open(path), md5), sha256);
                    OutputStream out = Files.newOutputStream(to)) {
                in.transferTo(out);
            }
            return new WeightSource(name, to);
        }
    }

    /** The files of a source: one, or those of a checkpoint. */
    private static List<SourceFile> files(String source, SourceTree tree) throws IOException {
        List<SourceFile> files = new ArrayList<>();
        tree.list(file -> {
            if (files.size() >= MOST_OBJECTS) {
                throw several(source);
            }
            files.add(file);
        });
        if (files.size() > 1 && files.stream().noneMatch(file -> file.path().equals(Checkpoints.LIST))) {
            throw several(source);
        }
        return files;
    }

    private static StageFailure several(String source) {
        return StageFailure.badConfig(source
                + " must be one file of weights, or a checkpoint that pre-training has kept; found several files");
    }

    private static CheckpointFile encoder(String source, SourceTree tree) throws IOException {
        byte[] list = tree.range(Checkpoints.LIST, 0, ObjectStore.METADATA_BYTES);
        return Checkpoints.find(list, EncoderFile.NAME)
                .orElseThrow(() -> StageFailure.badConfig(source + " is a checkpoint without " + EncoderFile.NAME
                        + "; those that spec.retention.checkpoints keeps have one"));
    }
}
