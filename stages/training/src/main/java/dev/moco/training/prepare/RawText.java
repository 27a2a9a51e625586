package dev.moco.training.prepare;

import dev.moco.contract.StageFailure;
import dev.moco.contract.TextFile;
import java.nio.charset.CharacterCodingException;

/** Text files of a raw data set. */
final class RawText {
    private RawText() {}

    /** @throws StageFailure bad data if the file is no text in UTF-8 or UTF-16 */
    static String decode(String name, byte[] bytes) {
        try {
            return TextFile.decode(bytes);
        } catch (CharacterCodingException e) {
            throw StageFailure.badData(name + ": " + e.getMessage(), e);
        }
    }
}
