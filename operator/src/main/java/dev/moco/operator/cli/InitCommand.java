package dev.moco.operator.cli;

import dev.moco.contract.ExitCode;
import dev.moco.contract.ImageNames;
import dev.moco.contract.Printable;
import dev.moco.contract.StageFailure;
import dev.moco.operator.init.FolderShape;
import dev.moco.operator.init.InitExperiment;
import dev.moco.operator.init.InitExperiment.Contents;
import dev.moco.operator.local.ImageFolder;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moco init}: an experiment for a folder of images. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = {
            "Looks at a folder of images and writes an experiment that runs on it, with sizes that fit and a comment for each"
                    + " line.",
            "Images may have classes or none, and be split into train/ and val/ or not: pre-training needs no classes;"
                    + " linear classification and detection are in it where there are classes and boxes for them."
        })
final class InitCommand implements Callable<Integer> {
    /** Experiments' names are those of Kubernetes. */
    private static final int NAME_LENGTH = 40;

    @Parameters(paramLabel = "DIR", description = "The folder; nothing in it is changed.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path folder;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The file to write, which must not exist. Default: the folder's name with .yaml, here.")
    @Nullable
    Path out;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "200",
            description = "Passes over the images in pre-training. Default: ${DEFAULT-VALUE}, as in the paper.")
    int epochs;

    @Override
    public Integer call() throws IOException {
        if (!Files.isDirectory(folder)) {
            throw StageFailure.badConfig("no folder " + folder);
        }
        if (epochs < 1) {
            throw StageFailure.badConfig("--epochs must be at least 1, found " + epochs);
        }
        String name = name(folder.toRealPath());
        Path file = Optional.ofNullable(out).orElse(Path.of(name + ".yaml"));
        requireOutside(file);
        ImageFolder images = new ImageFolder(folder);
        FolderShape shape = FolderShape.of(images.files());
        if (!InitExperiment.hasEnough(shape)) {
            throw StageFailure.badConfig("%s has %d images; an experiment needs at least %d; images are files named %s"
                    .formatted(folder, shape.train(), InitExperiment.least(), ImageNames.LIST));
        }
        Contents contents = images.contents(shape);
        write(file, InitExperiment.yaml(name, fromFile(file), shape, contents, epochs));
        ExperimentFile.read(file);
        System.out.printf(
                Locale.ROOT,
                "%s: %,d images, %s%n",
                file,
                shape.train(),
                shape.labeled() ? String.format(Locale.ROOT, "%,d classes", shape.classes()) : "without classes");
        shape.remarks().forEach(remark -> System.out.println(Printable.line(remark)));
        System.out.println();
        System.out.println("  moco plan " + file + "     # time and memory");
        System.out.println("  moco run " + file);
        return ExitCode.DONE;
    }

    private static void write(Path file, String text) throws IOException {
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw StageFailure.badConfig(file + " exists, and is not overwritten; --out names another file");
        }
    }

    /** Results beside the images would be a change of the source, and would be prepared again. */
    private void requireOutside(Path file) throws IOException {
        Path place = folderOf(file);
        if (!Files.isDirectory(place)) {
            throw StageFailure.badConfig("no folder " + place + " for " + file.getFileName());
        }
        if (place.toRealPath().startsWith(folder.toRealPath())) {
            throw StageFailure.badConfig(
                    "%s would be in the folder of the images, %s, which stays as it is;".formatted(file, folder)
                            + " run moco init from another folder, such as the one above it, or name one"
                            + " with --out");
        }
    }

    private static Path folderOf(Path file) {
        return file.toAbsolutePath().normalize().resolveSibling("");
    }

    /** The folder as the file names it: from the file's own folder. */
    private String fromFile(Path file) throws IOException {
        String relative =
                folderOf(file).toRealPath().relativize(folder.toRealPath()).toString();
        return relative.isEmpty() ? "." : relative;
    }

    private static String name(Path folder) {
        String name = Optional.ofNullable(folder.getFileName())
                .map(Path::toString)
                .orElse("")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-|-$", "");
        String start = name.isEmpty() ? "images" : name.substring(0, Math.min(NAME_LENGTH, name.length()));
        return start.replaceAll("-$", "");
    }
}
