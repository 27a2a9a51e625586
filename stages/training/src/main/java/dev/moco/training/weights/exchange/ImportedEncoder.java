package dev.moco.training.weights.exchange;

import dev.moco.training.weights.Safetensors.FloatTensor;
import dev.moco.training.weights.formats.WeightFile;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Content of a file of weights.
 *
 * @param format the file's format
 * @param naming names of its tensors
 * @param encoder the encoder; the query encoder of a MoCo checkpoint
 * @param keyEncoder the key encoder of a MoCo checkpoint
 * @param queue its queue, dimension x keys, each key a column
 * @param pointer column that the next key replaces
 * @param besides names in the file of everything but the encoder
 */
public record ImportedEncoder(
        WeightFile.Format format,
        Naming naming,
        EncoderState encoder,
        Optional<EncoderState> keyEncoder,
        Optional<FloatTensor> queue,
        OptionalInt pointer,
        List<String> besides) {
    public ImportedEncoder {
        besides = List.copyOf(besides);
    }

    /** True if the file has state that pre-training goes on from. */
    public boolean isMoco() {
        return keyEncoder.isPresent() || queue.isPresent();
    }

    /** Format, architecture and names, in words. */
    public String description() {
        return format.text() + ", " + encoder.architecture() + " with " + naming.text() + "'s names"
                + (isMoco() ? ", the query encoder of a MoCo checkpoint" : "");
    }
}
