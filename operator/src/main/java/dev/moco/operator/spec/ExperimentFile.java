package dev.moco.operator.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Experiment;
import dev.moco.contract.StageFailure;
import dev.moco.contract.TextFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Reads an experiment file, YAML or JSON, into plain nodes: nothing in it chooses a class. */
public final class ExperimentFile {
    private static final long MAX_BYTES = 1 << 20;

    private ExperimentFile() {}

    /**
     * Reads the one experiment of a file. Relative folders of raw data are below the file's own.
     *
     * @throws StageFailure bad configuration, naming every problem
     */
    public static Experiment read(Path file) {
        return ExperimentReader.read(file, tree(file)).experiment();
    }

    /** The one document of a file, unchecked. */
    public static JsonNode tree(Path file) {
        return only(file, trees(file));
    }

    /** The one document of a file. */
    static JsonNode only(Path file, List<JsonNode> documents) {
        if (documents.size() != 1) {
            throw StageFailure.badConfig(file + " must hold one experiment, found " + documents.size() + " documents");
        }
        return documents.get(0);
    }

    /** The documents of a file, unchecked. */
    static List<JsonNode> trees(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw StageFailure.badConfig(
                        file + " has " + Files.size(file) + " bytes; an experiment has at most " + MAX_BYTES);
            }
            return YamlTree.documents(TextFile.decode(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            throw StageFailure.badConfig("no file " + file, e);
        } catch (CharacterCodingException e) {
            throw StageFailure.badConfig(file + " is " + e.getMessage(), e);
        } catch (JsonProcessingException e) {
            throw StageFailure.badConfig(file + " is not YAML: " + e.getOriginalMessage() + where(e), e);
        } catch (IOException e) {
            String reason = e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
            throw StageFailure.badConfig("cannot read " + file + ": " + reason, e);
        }
    }

    private static String where(JsonProcessingException error) {
        return error.getLocation() == null
                ? ""
                : " at line " + error.getLocation().getLineNr() + ", column "
                        + error.getLocation().getColumnNr();
    }
}
