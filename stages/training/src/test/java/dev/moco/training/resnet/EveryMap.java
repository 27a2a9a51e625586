package dev.moco.training.resnet;

import ai.djl.Device;
import dev.moco.training.engine.TorchProgram;
import java.util.List;

/** The program of ResNets with {@code every_map}, which returns all maps between its layers. */
final class EveryMap {
    /** torchvision's names of the layers, in the order of the maps. */
    static final List<String> NAMES =
            List.of("conv1", "bn1", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool");

    private EveryMap() {}

    static TorchProgram compile() {
        return TorchProgram.compile(
                Device.cpu(), "/dev/moco/training/resnet/pair_gradient.py", "/dev/moco/training/resnet/every_map.py");
    }
}
