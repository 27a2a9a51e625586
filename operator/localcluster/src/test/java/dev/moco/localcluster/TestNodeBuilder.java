package dev.moco.localcluster;

import dev.moco.localcluster.FakeContainer.FakeRule;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Settings of a {@link TestNode}. */
public final class TestNodeBuilder {
    private final ProcessNode.Builder node;
    private final List<FakeRule> rules = new ArrayList<>();

    TestNodeBuilder(ProcessNode.Builder node) {
        this.node = node;
    }

    /** Offers an amount of a resource, such as 8 of {@code nvidia.com/gpu}. */
    public TestNodeBuilder resource(String resource, String amount) {
        node.resource(resource, amount);
        return this;
    }

    /**
     * Fakes the pods that match: they run for some time without a process, then a function returns how they ended.
     * The function does what the process would have done, such as committing a manifest, and may be called by several
     * threads. The first rule that matches counts.
     */
    public TestNodeBuilder fake(Predicate<Pod> matches, Duration runs, Function<Pod, ContainerExit> end) {
        rules.add(new FakeRule(matches, runs, end));
        return this;
    }

    /** Registers the node and runs the pods that are bound to it. */
    public TestNode start() throws IOException {
        List<FakeRule> all = List.copyOf(rules);
        node.runtime((pod, container, log, termination) -> {
            Optional<FakeRule> fake =
                    all.stream().filter(rule -> rule.matches().test(pod.pod())).findFirst();
            return fake.isPresent()
                    ? new FakeContainer(pod.pod(), fake.get(), pod.executor())
                    : ContainerRuntime.PROCESSES.start(pod, container, log, termination);
        });
        return new TestNode(node.start());
    }
}
