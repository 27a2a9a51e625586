package dev.moco.training.peer;

import dev.moco.contract.Architecture;
import dev.moco.training.VectorNumbers;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout.FlatTensor;

/** Weights for comparisons in float32. */
public final class Weights {
    private Weights() {}

    /**
     * Random weights with small residual branches, as in trained networks. With residuals as large as the shortcuts,
     * each block would double the rounding error of the blocks before it.
     */
    public static double[] withSmallResiduals(EncoderLayout layout, Architecture architecture) {
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
