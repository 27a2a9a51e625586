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

/** Views of a batch as arrays on a device, made by the loader or by the device. */
public interface BatchViews extends AutoCloseable {
    /**
     * Views of a batch, B x S x S x 3 bytes each.
     *
     * @param query the first view of each image
     * @param key the second; the first again if each image has one
     */
    record Pair(NDArray query, NDArray key) {}

    /**
     * Chooses where views are made: colors, blur and flip on a GPU, since it takes load off the loader; else all on the
     * host.
     */
    static ViewPlace place(Device device) {
        return device.isGpu() ? ViewPlace.COLOR_ON_DEVICE : ViewPlace.HOST;
    }

    /** Opens the views for batches of a loader that works with the same place. */
    static BatchViews open(NDManager manager, PretrainView view, ViewPlace place) {
        return place == ViewPlace.HOST ? new HostViews(view.size()) : new DeviceViews(manager, view);
    }

    /** Returns the views in {@code scope}; they must not be read after the batch is closed. */
    Pair of(NDManager scope, ViewBatch batch);

    @Override
    void close();

    /** Copies bytes to the device. */
    static NDArray upload(NDManager scope, ByteBuffer pixels, long... shape) {
        return scope.create(pixels, new Shape(shape), DataType.UINT8);
    }
}
