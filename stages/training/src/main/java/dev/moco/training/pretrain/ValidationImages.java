package dev.moco.training.pretrain;

import ai.djl.ndarray.NDManager;
import dev.moco.training.data.loader.DecodedImages;
import java.util.function.IntConsumer;

/**
 * Images on which a trained network is measured.
 *
 * @param manager parent of the arrays
 * @param threads threads that prepare images
 * @param done is told the number of images of each batch that is done
 */
public record ValidationImages(NDManager manager, DecodedImages images, int threads, IntConsumer done) {}
