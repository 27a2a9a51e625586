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
    /** Its name, as in the spec. */
    String title();

    /** True if the last batch of an epoch is left out where it is not full. */
    default boolean dropsLastBatch() {
        return true;
    }

    /** Views of an image in a step. */
    default int views() {
        return 2;
    }

    /**
     * Images that are computed at a time.
     *
     * @param ofRank images of a rank
     */
    default int imagesAtOnce(int ofRank) {
        return ofRank;
    }

    /** This method without the settings that do not change the work of a step. */
    default PretrainMethod stepWork() {
        return this;
    }

    /** Settings that need less memory, as text. */
    default String memoryAdvice() {
        return "bfloat16, smaller images, or a smaller groupImages";
    }

    /** A queue of keys, and a key encoder that follows the query encoder (docs/method.md §1). */
    record MoCo() implements PretrainMethod {
        static final String JSON = "{\"name\":\"MoCo\"}";

        @Override
        public String title() {
            return "MoCo";
        }

        @Override
        public String memoryAdvice() {
            return "bfloat16, smaller images, or more ranks, which run one after another";
        }
    }

    /**
     * Two encoders, both trained by back-propagation; the keys of the whole batch are the dictionary.
     *
     * @param symmetric true if keys are scored against queries too, and the loss is the mean of both directions
     * @param sharedEncoder true if queries and keys have one encoder
     * @param groupImages images that share batch-norm statistics; a rank's images are computed in groups of as many
     */
    record EndToEnd(boolean symmetric, boolean sharedEncoder, int groupImages) implements PretrainMethod {
        @Override
        public String title() {
            return "EndToEnd";
        }

        @Override
        public int imagesAtOnce(int ofRank) {
            return groupImages;
        }
    }

    /**
     * NT-Xent over all views of the batch, with batch-norm statistics of the whole batch and LARS.
     *
     * @param colorStrength factor of the color distortion; 1 for ImageNet
     */
    record SimClr(double colorStrength) implements PretrainMethod {
        @Override
        public String title() {
            return "SimCLR";
        }

        @Override
        public PretrainMethod stepWork() {
            return new SimClr(1);
        }

        @Override
        public String memoryAdvice() {
            return "smaller images, a smaller batchSize, or more GPUs, which must divide ranks";
        }
    }

    /**
     * Cross-entropy of the classes, as torchvision trains its ResNets.
     *
     * @param groupImages images that share batch-norm statistics; a rank's images are computed in groups of as many
     */
    record Supervised(int groupImages) implements PretrainMethod {
        @Override
        public String title() {
            return "Supervised";
        }

        @Override
        public boolean dropsLastBatch() {
            return false;
        }

        @Override
        public int views() {
            return 1;
        }

        @Override
        public int imagesAtOnce(int ofRank) {
            return groupImages;
        }
    }
}
