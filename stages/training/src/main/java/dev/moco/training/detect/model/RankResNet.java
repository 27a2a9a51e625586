package dev.moco.training.detect.model;

import ai.djl.ndarray.NDList;
import dev.moco.contract.ResNet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * The detector's ResNet in one iteration: layers 1 to 3 on images, layer 4 and the extra batch norm on regions, forward and
 * backward. Lists hold one array for each rank of this process.
 *
 * <p>The tape holds the inputs of the batch norms within a block and the blocks' outputs; what lies between is computed again.
 */
final class RankResNet {
    private static final int LAYER4 = 3;

    private final ResNet resnet;
    private final Places places;
    private final RankLayers layers;
    private final boolean recorded;
    private final Deque<BlockTape> tape = new ArrayDeque<>();
    private StemTape stem = new StemTape(new NDList(), new NDList(), new NDList(), new NDList());
    private NDList extraStatistics = new NDList();

    /** @param recorded true if a backward pass follows */
    RankResNet(ResNet resnet, Places places, RankLayers layers, boolean recorded) {
        this.resnet = resnet;
        this.places = places;
        this.layers = layers;
        this.recorded = recorded;
    }

    /** Images, outputs of the convolution, statistics of its batch norm, and what the first block takes. */
    private record StemTape(NDList images, NDList convolved, NDList ofBatch, NDList outputs) {}

    /**
     * Arrays that a block's backward pass needs.
     *
     * @param convolved outputs of the convolutions before the last
     * @param ofBatches statistics of the batch norm of each convolution
     * @param ofDownsample those of the downsample; empty without one
     */
    private record BlockTape(
            NDList inputs, List<NDList> convolved, List<NDList> ofBatches, NDList ofDownsample, NDList outputs) {}

    /** Features of images of N x 3 x height x width, as {@code packed_images} returns them; takes over the images. */
    NDList trunk(NDList images) {
        Places.Convolution place = places.of(resnet.stem());
        NDList convolved = layers.convolve(place, images);
        NDList ofBatch = layers.statistics(place.norm(), convolved);
        NDList out = layers.normalize(place.norm(), convolved, ofBatch, true);
        if (resnet.maxPool()) {
            NDList pooled = layers.call("pool", out);
            out.close();
            out = pooled;
        }
        if (recorded) {
            stem = new StemTape(images, convolved, ofBatch, out);
        } else {
            images.close();
            convolved.close();
        }
        for (List<ResNet.Block> layer : resnet.layers().subList(0, LAYER4)) {
            out = layer(layer, out);
        }
        return out;
    }

    /** Adds the gradients of the parameters to their buffers, given those of the features; uses up both. */
    void trunkBackward(NDList ofFeatures) {
        NDList grads = layers.call("channels_last", ofFeatures);
        ofFeatures.close();
        for (int i = LAYER4 - 1; i >= 0; i--) {
            grads = layerBackward(resnet.layers().get(i), grads);
        }
        Places.Convolution place = places.of(resnet.stem());
        // The ReLU comes before the pool, but the pool's output is positive exactly where the ReLU's output that it
        // took is.
        layers.call("relu_gradients", grads, stem.outputs());
        stem.outputs().close();
        if (resnet.maxPool()) {
            NDList again = layers.normalize(place.norm(), stem.convolved(), stem.ofBatch(), true);
            NDList pooled = grads;
            grads = new NDList();
            for (int i = 0; i < pooled.size(); i++) {
                grads.addAll(layers.call(
                        "pool_backward",
                        pooled.get(i),
                        again.get(i),
                        stem.convolved().get(i)));
                pooled.get(i).close();
                again.get(i).close();
            }
        }
        grads = layers.normalizeBackward(place.norm(), grads, stem.convolved(), stem.ofBatch(), true);
        stem.convolved().close();
        layers.convolveBackward(place, grads, stem.images(), false);
        stem.images().close();
    }

    /**
     * Layer4, the extra batch norm after its last ReLU, and the mean over cells.
     *
     * @param aligned regions; closed if no backward pass follows
     * @return regions x channels, float32
     */
    NDList regions(NDList aligned) {
        NDList maps = layer(resnet.layers().get(LAYER4), aligned);
        NDList ofBatch = layers.statistics(places.extraNorm(), maps);
        NDList normalized = layers.normalize(places.extraNorm(), maps, ofBatch, false);
        NDList pooled = layers.meanOverCells(normalized);
        normalized.close();
        extraStatistics = ofBatch;
        if (!recorded) {
            maps.close();
        }
        return pooled;
    }

    /** Gradients of the aligned regions, given those of their features, which it closes. */
    NDList regionsBackward(NDList ofFeatures) {
        NDList maps = tape.getLast().outputs();
        NDList spread = layers.call("mean_over_cells_backward", ofFeatures, maps);
        ofFeatures.close();
        NDList grads = layers.normalizeBackward(places.extraNorm(), spread, maps, extraStatistics, true);
        return layerBackward(resnet.layers().get(LAYER4), grads);
    }

    private NDList layer(List<ResNet.Block> blocks, NDList inputs) {
        NDList out = inputs;
        for (ResNet.Block block : blocks) {
            out = block(block, out);
        }
        return out;
    }

    private NDList block(ResNet.Block block, NDList inputs) {
        int last = block.convolutions().size() - 1;
        List<NDList> convolved = new ArrayList<>();
        List<NDList> ofBatches = new ArrayList<>();
        NDList out = inputs;
        for (int i = 0; i <= last; i++) {
            Places.Convolution place = places.of(block.convolutions().get(i));
            NDList maps = layers.convolve(place, out);
            if (i > 0) {
                out.close();
            }
            NDList ofBatch = layers.statistics(place.norm(), maps);
            out = layers.normalize(place.norm(), maps, ofBatch, i < last);
            ofBatches.add(ofBatch);
            if (recorded && i < last) {
                convolved.add(maps);
            } else {
                maps.close();
            }
        }
        NDList ofDownsample = new NDList();
        if (block.downsample().isPresent()) {
            Places.Convolution place = places.of(block.downsample().get());
            NDList maps = layers.convolve(place, inputs);
            ofDownsample = layers.statistics(place.norm(), maps);
            NDList shortcut = layers.normalize(place.norm(), maps, ofDownsample, false);
            maps.close();
            layers.call("add_relu", out, shortcut);
            shortcut.close();
        } else {
            layers.call("add_relu", out, inputs);
        }
        if (recorded) {
            tape.addLast(new BlockTape(inputs, convolved, ofBatches, ofDownsample, out));
        } else {
            inputs.close();
        }
        return out;
    }

    private NDList layerBackward(List<ResNet.Block> blocks, NDList ofOutputs) {
        List<ResNet.Block> reversed = new ArrayList<>(blocks);
        Collections.reverse(reversed);
        NDList grads = ofOutputs;
        for (ResNet.Block block : reversed) {
            grads = blockBackward(block, tape.removeLast(), grads);
        }
        return grads;
    }

    /** Gradients of a block's inputs; closes those of its outputs, and its outputs. */
    private NDList blockBackward(ResNet.Block block, BlockTape saved, NDList ofOutputs) {
        layers.call("relu_gradients", ofOutputs, saved.outputs());
        saved.outputs().close();
        NDList inputs = saved.inputs();
        NDList shortcut = ofOutputs;
        if (block.downsample().isPresent()) {
            Places.Convolution place = places.of(block.downsample().get());
            NDList maps = layers.convolve(place, inputs);
            NDList grads = layers.normalizeBackward(place.norm(), ofOutputs, maps, saved.ofDownsample(), false);
            maps.close();
            shortcut = layers.convolveBackward(place, grads, inputs, true);
        }
        int last = block.convolutions().size() - 1;
        NDList grads = ofOutputs;
        for (int i = last; i >= 0; i--) {
            Places.Convolution place = places.of(block.convolutions().get(i));
            NDList before = i > 0 ? reluAgain(block.convolutions().get(i - 1), saved, i - 1) : inputs;
            NDList maps = i == last
                    ? layers.convolve(place, before)
                    : saved.convolved().get(i);
            boolean free = i < last || block.downsample().isPresent();
            grads = layers.normalizeBackward(
                    place.norm(), grads, maps, saved.ofBatches().get(i), free);
            maps.close();
            grads = layers.convolveBackward(place, grads, before, true);
            if (i > 0) {
                layers.call("relu_gradients", grads, before);
                before.close();
            }
        }
        layers.call("add_gradients", grads, shortcut);
        shortcut.close();
        return grads;
    }

    private NDList reluAgain(ResNet.Convolution convolution, BlockTape saved, int i) {
        return layers.normalize(
                places.of(convolution).norm(),
                saved.convolved().get(i),
                saved.ofBatches().get(i),
                true);
    }
}
