package dev.moco.training.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds empty class folders, which a listing of files does not show; only a local source can have them. */
final class EmptyClassFolders {
    private EmptyClassFolders() {}

    static void requireNone(String source) throws IOException {
        if (source.startsWith("s3://")) {
            return;
        }
        for (String root : List.of("train", "val")) {
            Path folder = Path.of(source.replaceFirst("^file://", ""), root);
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> classes = Files.list(folder)) {
                for (Path classFolder :
                        classes.filter(Files::isDirectory).sorted().toList()) {
                    try (Stream<Path> content = Files.list(classFolder)) {
                        if (content.findAny().isEmpty()) {
                            throw ImagenetLayout.noImages(root + "/" + classFolder.getFileName());
                        }
                    }
                }
            }
        }
    }
}
