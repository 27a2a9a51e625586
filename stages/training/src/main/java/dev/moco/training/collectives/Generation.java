package dev.moco.training.collectives;

import dev.moco.contract.StageFailure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The pods that run a stage together until one of them is lost. All of them end then, so a pod is in one generation only, and
 * their successors make the next one, from the last checkpoint.
 *
 * @param pods one for each node, by index
 * @param secret what their processes prove to have, see {@link Credential}
 */
record Generation(List<Hello> pods, String secret) {
    Generation {
        pods = List.copyOf(pods);
        Credential.parse(secret);
    }

    /**
     * Indexes of the nodes whose pods have yet to come. A pod of the generation before is about to end.
     *
     * @param hellos newest hello by index
     */
    static List<Integer> missing(int nodes, Map<Integer, Hello> hellos, Optional<Generation> before) {
        return IntStream.range(0, nodes)
                .filter(index -> {
                    Hello hello = hellos.get(index);
                    return hello == null
                            || before.stream()
                                    .flatMap(last -> last.pods.stream())
                                    .anyMatch(pod -> pod.pod().equals(hello.pod()));
                })
                .boxed()
                .toList();
    }

    /**
     * The generation of the pods that have said hello.
     *
     * @throws StageFailure bad configuration, unless all have as many devices
     */
    static Generation of(List<Hello> pods, String secret) {
        int devices = pods.get(0).devices();
        for (int index = 1; index < pods.size(); index++) {
            if (pods.get(index).devices() != devices) {
                throw StageFailure.badConfig("all pods of a stage must have as many devices, found " + devices
                        + " on node 0 and " + pods.get(index).devices() + " on node " + index);
            }
        }
        return new Generation(pods, secret);
    }

    /** Returns whether a pod has come in the place of one of these. */
    boolean isSucceededBy(int index, Hello hello) {
        return index < pods.size() && !pods.get(index).pod().equals(hello.pod());
    }

    /** Without the secret, which is not to be logged. */
    @Override
    public String toString() {
        return "Generation" + pods;
    }

    /** First process of the node after one; empty if that one's pod is not in this generation. */
    Optional<Next> after(Node node) {
        if (pods.size() != node.count() || !pods.get(node.index()).pod().equals(node.pod())) {
            return Optional.empty();
        }
        Hello next = pods.get((node.index() + 1) % pods.size());
        return Optional.of(new Next(next.host(), next.port(), secret));
    }
}
