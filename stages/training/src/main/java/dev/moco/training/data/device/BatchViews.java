package dev.moco.training.data.device;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.loader.ViewPlace;
import java.nio.ByteBuffer;

/** Brings the views of a batch onto a device, wherever they are made. */
public interface BatchViews extends AutoCloseable {
    /**
     * The views of a batch, B x S x S x 3 bytes each.
     *
     * @param query the first of each image
     * @param key the second
     */
    record Pair(NDArray query, NDArray key) {}

    /** The place that asks least of the loader without burdening a slow device. */
    static ViewPlace place(Device device) {
        return device.isGpu() ? ViewPlace.COLOR_ON_DEVICE : ViewPlace.HOST;
    }

    /** For batches of a loader that leaves to the device what this place says. */
    static BatchViews open(NDManager manager, PretrainView view, ViewPlace place) {
        return place == ViewPlace.HOST ? new HostViews(view.size()) : new DeviceViews(manager, view);
    }

    /** Arrays in {@code scope}, to be read no longer than the batch is open. */
    Pair of(NDManager scope, ViewBatch batch);

    @Override
    void close();

    /** Bytes as they are. */
    static NDArray upload(NDManager scope, ByteBuffer pixels, long... shape) {
        return scope.create(pixels, new Shape(shape), DataType.UINT8);
    }
}
