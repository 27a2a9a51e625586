package dev.moco.training.linear;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.loader.BatchPart;
import dev.moco.training.data.loader.LabeledBatch;
import dev.moco.training.resnet.FeatureEncoder;
import java.nio.ByteBuffer;

/**
 * Features of a batch of which each process computes a part. All of them then have those of the whole batch, a quarter of the
 * bytes of the classifier's gradient, and make the same step with it.
 *
 * @param encoder encoder of this process
 * @param imageSize side of a view in pixels
 * @param channels number of features of an image
 * @param images images of a whole batch that this process computes
 */
record SharedFeatures(FeatureEncoder encoder, int imageSize, int channels, int images, Collectives collectives) {
    private static final NDIndex FIRST = new NDIndex("0:1");

    /** This process's part of a batch that the processes share equally; fails where they cannot. */
    static BatchPart part(Collectives collectives, int batchSize) {
        collectives.world().ranks(batchSize);
        return new BatchPart(collectives.world().index(), collectives.world().size());
    }

    /** Features of all images of a batch, in its order, images x channels in float32, attached to {@code scope}. */
    NDArray of(NDManager scope, LabeledBatch batch) {
        NDArray all = collectives.allGather(scope, own(scope, batch));
        return all.getShape().get(0) == batch.size() ? all : all.get(new NDIndex().addSliceDim(0, batch.size()));
    }

    /** Features of the own views. Those of a short batch are followed by zeros, as all processes send as much. */
    private NDArray own(NDManager scope, LabeledBatch batch) {
        int views = batch.views();
        if (collectives.world().size() == 1 || (views > 1 && views == images)) {
            return encoder.features(scope, batch.images(), views, imageSize);
        }
        NDArray padded = scope.zeros(new Shape(images, channels));
        if (views > 0) {
            // libtorch adds in another order for an image on its own than for one of several.
            boolean twice = views == 1 && batch.size() > 1;
            NDArray features = twice
                    ? encoder.features(scope, twice(batch.images()), 2, imageSize)
                            .get(FIRST)
                    : encoder.features(scope, batch.images(), views, imageSize);
            padded.set(new NDIndex().addSliceDim(0, views), features);
        }
        return padded;
    }

    private static ByteBuffer twice(ByteBuffer image) {
        ByteBuffer both = ByteBuffer.allocateDirect(2 * image.limit());
        return both.put(image.duplicate().rewind())
                .put(image.duplicate().rewind())
                .flip();
    }
}
