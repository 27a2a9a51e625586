package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.contract.MemoryNeed;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StepThreads;
import dev.moco.training.collectives.World;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.engine.Algorithms;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.stage.Machine;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Everything that pre-training needs before its first step and that does not depend on the images: decoder, engine, program,
 * initial state. It is made on other threads while the store is opened, since each part takes a good part of a second.
 */
public final class PretrainSetup implements AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(PretrainSetup::daemon);
    private final CompletableFuture<ImageDecoder> decoder = CompletableFuture.supplyAsync(ImageDecoder::create);
    private final CompletableFuture<NDManager> engine;
    private final CompletableFuture<TorchProgram> program;
    private final Method method;
    /** Empty until the classes of the data are known, if the method needs them. */
    private Optional<CompletableFuture<Map<String, NDArray>>> state = Optional.empty();

    private PretrainSetup(PretrainConfig config, int threads, boolean deterministic, World world) {
        method = Method.of(config);
        engine = CompletableFuture.supplyAsync(() -> start(config, threads, deterministic, world), thread);
        program = engine.thenApplyAsync(
                manager -> TorchProgram.compile(manager.getDevice(), Map.of(), method.program()), thread);
        if (!method.needsClasses()) {
            state = Optional.of(drawn(0));
        }
    }

    /** Draws the initial state in a manager of its own, which is closed if the state is not needed. */
    private CompletableFuture<Map<String, NDArray>> drawn(int classes) {
        return program.thenApplyAsync(compiled -> method.initial(engine.join().newSubManager(), classes), thread);
    }

    /** Starts to make everything, in the only process of the stage. */
    static PretrainSetup begin(PretrainConfig config, int threads) {
        return begin(config, threads, false, World.ALONE);
    }

    /**
     * Starts to make everything.
     *
     * @param threads number of threads of the task
     * @param deterministic whether a GPU takes only algorithms that add in the same order at every run
     * @param world the stage's processes
     */
    public static PretrainSetup begin(PretrainConfig config, int threads, boolean deterministic, World world) {
        return new PretrainSetup(config, threads, deterministic, world);
    }

    private static NDManager start(PretrainConfig config, int threads, boolean deterministic, World world) {
        // The stage makes the same check later, with the monitor; nothing of this size may be allocated before it has.
        OptionalLong gpuMib = Machine.gpuMib(System.getenv());
        MemoryNeed.Setting setting =
                new MemoryNeed.Setting(threads, gpuMib.isPresent(), world.size(), 0, world.nodes());
        MemoryNeed.check("pretrain", config, setting, Machine.memoryMib(), gpuMib);
        NDManager manager = TorchEngine.start(StepThreads.of(config, threads).withinOperation(), config.precision());
        TorchEngine.choose(Algorithms.of(deterministic, Algorithms.TIMED));
        return manager;
    }

    ImageDecoder decoder() throws InterruptedException {
        return made(decoder);
    }

    /** Returns the manager of all arrays of the stage and prepares the calling thread to compute. */
    NDManager manager() throws InterruptedException {
        NDManager manager = made(engine);
        TorchEngine.enter();
        return manager;
    }

    TorchProgram program() throws InterruptedException {
        return made(program);
    }

    Method method() {
        return method;
    }

    /**
     * Returns the state before the first step.
     *
     * @param classes classes of the data
     */
    Map<String, NDArray> initialState(int classes) throws InterruptedException {
        return made(state.orElseGet(() -> drawn(classes)));
    }

    /** Frees the initial state once it is made; called when the stage resumes from a checkpoint. */
    @SuppressWarnings("FutureReturnValueIgnored") // a failed state needs no freeing
    void dropInitialState() {
        state.ifPresent(made -> made.thenAcceptAsync(
                drawn -> drawn.values().iterator().next().getManager().close(), thread));
    }

    private static <T> T made(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "pretrain-setup");
        thread.setDaemon(true);
        return thread;
    }

    /** Waits for everything that is being made, since a process must not end within libtorch. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ifMade(program).ifPresent(TorchProgram::close);
        ifMade(engine).ifPresent(NDManager::close);
    }

    private static <T> Optional<T> ifMade(CompletableFuture<T> future) {
        return future.isDone() && !future.isCompletedExceptionally() ? Optional.of(future.join()) : Optional.empty();
    }
}
