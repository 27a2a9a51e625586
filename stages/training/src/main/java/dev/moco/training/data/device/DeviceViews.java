package dev.moco.training.data.device;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.augment.ViewParameters;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.pillow.Hue;
import dev.moco.training.engine.TorchProgram;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Views that the device makes from crops or whole images; each byte is the same as on the host (see {@code views.py}).
 */
final class DeviceViews implements BatchViews {
    private static final int COLORS = 1 << 24;

    private final TorchProgram program;
    private final NDManager tables;
    private final List<NDArray> hueTables;
    private final PretrainView view;

    /** Compiles the program and uploads the tables of the hue shift, 96 MiB. */
    DeviceViews(NDManager manager, PretrainView view) {
        this.program = TorchProgram.compile(manager.getDevice(), "/dev/moco/training/data/device/views.py");
        this.tables = manager.newSubManager();
        this.hueTables = List.of(
                BatchViews.upload(tables, ByteBuffer.wrap(Hue.hsvOfColors()), COLORS, 3),
                BatchViews.upload(tables, ByteBuffer.wrap(Hue.colorsOfHsv()), COLORS, 3));
        this.view = view;
    }

    @Override
    public Pair of(NDManager scope, ViewBatch batch) {
        try (NDManager inputs = scope.newSubManager()) {
            NDList images = new NDList();
            for (RgbImage image : batch.images()) {
                images.add(
                        BatchViews.upload(inputs, ByteBuffer.wrap(image.pixels()), image.height(), image.width(), 3));
            }
            NDArray query = views(scope, inputs, images, batch.query());
            return new Pair(query, batch.hasKeys() ? views(scope, inputs, images, batch.key()) : query);
        }
    }

    private NDArray views(NDManager scope, NDManager inputs, NDList images, ViewBatch.Views views) {
        List<ViewParameters> draws = List.of(views.draws());
        NDArray crops = images.isEmpty()
                ? BatchViews.upload(inputs, views.pixels(), draws.size(), view.size(), view.size(), 3)
                : crops(inputs, images, draws);
        return augment(scope, crops, draws);
    }

    /** Crops and resizes images of any sizes, rows x columns x 3 bytes each. */
    NDArray crops(NDManager scope, NDList images, List<ViewParameters> draws) {
        return program.call(scope, "crop", images, new ParameterLists(draws).boxes(), view.size())
                .singletonOrThrow();
    }

    /** Applies the transforms that follow the crop. */
    NDArray augment(NDManager scope, NDArray crops, List<ViewParameters> draws) {
        ParameterLists lists = new ParameterLists(draws);
        try (NDArray blends = lists.blends(crops.getManager())) {
            return program.call(
                            scope,
                            "augment",
                            crops,
                            ParameterLists.steps(view.transforms()),
                            blends,
                            List.of(lists.shifted(), lists.hueSteps(), lists.ends()),
                            lists.gray(),
                            List.of(lists.blurred(), lists.kernels()),
                            lists.flipped(),
                            hueTables)
                    .singletonOrThrow();
        }
    }

    @Override
    public void close() {
        tables.close();
        program.close();
    }
}
