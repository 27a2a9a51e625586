package dev.moco.training.peer;

import dev.moco.contract.Architecture;
import dev.moco.training.VectorNumbers;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout.FlatTensor;

/** Weights that float32 can follow. */
public final class Weights {
    private Weights() {}

    /**
     * Random weights whose blocks add little to their shortcuts, as those of trained networks do: blocks as strong as
     * their shortcuts would each double what rounding has done so far.
     */
    public static double[] calm(EncoderLayout layout, Architecture architecture) {
        double[] parameters = VectorNumbers.parameters(layout, 0);
        int convolutions =
                architecture.resnet().layers().get(0).get(0).convolutions().size();
        String last = ".bn" + convolutions + ".weight";
        for (FlatTensor tensor : layout.parameters()) {
            for (int i = 0; tensor.name().endsWith(last) && i < tensor.size(); i++) {
                parameters[tensor.offset() + i] *= .2;
            }
        }
        return parameters;
    }
}
