package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.List;

/** An optimizer's step on an encoder's flat buffers. */
@FunctionalInterface
public interface Update {
    String SGD_PROGRAM = "/dev/moco/training/resnet/sgd.py";
    String LARS_PROGRAM = "/dev/moco/training/resnet/lars.py";

    /**
     * Changes parameters and velocity in place.
     *
     * @param gradient mean over all ranks; changed
     * @return what the optimizer's program returns
     */
    NDList apply(NDManager scope, TorchProgram program, TrainedEncoder state, NDArray gradient, double learningRate);

    /** SGD with weight decay on every parameter, batch norms and biases included (docs/method.md §1.5). */
    static Update sgd(double momentum, double weightDecay) {
        return (scope, program, state, gradient, learningRate) -> program.call(
                scope,
                "sgd_step",
                state.parameters(),
                state.velocity(),
                gradient,
                state.parameters().size(),
                learningRate,
                momentum,
                weightDecay);
    }

    /**
     * LARS without decay and trust ratio of batch norms and biases, which are the parameters of one dimension. Returns the
     * trust ratio of each tensor.
     *
     * @param tensors the parameters in the order of their buffer
     */
    static Update lars(List<FlatTensor> tensors, double momentum, double weightDecay) {
        return (scope, program, state, gradient, learningRate) -> program.call(
                scope,
                "lars_step",
                state.parameters(),
                state.velocity(),
                gradient,
                tensors.stream().mapToLong(FlatTensor::size).toArray(),
                tensors.stream()
                        .mapToLong(tensor -> tensor.shape().size() > 1 ? 1 : 0)
                        .toArray(),
                learningRate,
                momentum,
                weightDecay);
    }
}
