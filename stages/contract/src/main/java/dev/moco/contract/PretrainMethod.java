package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * A method of pre-training: what its loss compares, and which encoders it trains. It has the settings that no other method
 * has; what several have is in {@link PretrainConfig}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@JsonSubTypes({
    @JsonSubTypes.Type(value = PretrainMethod.MoCo.class, name = "MoCo"),
    @JsonSubTypes.Type(value = PretrainMethod.EndToEnd.class, name = "EndToEnd"),
    @JsonSubTypes.Type(value = PretrainMethod.SimClr.class, name = "SimCLR"),
    @JsonSubTypes.Type(value = PretrainMethod.Supervised.class, name = "Supervised")
})
public sealed interface PretrainMethod {
    /** True if the last batch of an epoch is left out where it is not full. */
    default boolean dropsLastBatch() {
        return true;
    }

    /** A queue of keys, and a key encoder that follows the query encoder (docs/method.md §1). */
    record MoCo() implements PretrainMethod {
        static final String JSON = "{\"name\":\"MoCo\"}";
    }

    /**
     * Two encoders, both trained by back-propagation; the keys of the whole batch are the dictionary.
     *
     * @param symmetric true if keys are scored against queries too, and the loss is the mean of both directions
     * @param sharedEncoder true if queries and keys have one encoder
     * @param groupImages images that share batch-norm statistics; a rank's images are computed in groups of as many
     */
    record EndToEnd(boolean symmetric, boolean sharedEncoder, int groupImages) implements PretrainMethod {}

    /**
     * NT-Xent over all views of the batch, with batch-norm statistics of the whole batch and LARS.
     *
     * @param colorStrength factor of the color distortion; 1 for ImageNet
     */
    record SimClr(double colorStrength) implements PretrainMethod {}

    /**
     * Cross-entropy of the classes, as torchvision trains its ResNets.
     *
     * @param groupImages images that share batch-norm statistics; a rank's images are computed in groups of as many
     */
    record Supervised(int groupImages) implements PretrainMethod {
        @Override
        public boolean dropsLastBatch() {
            return false;
        }
    }
}
