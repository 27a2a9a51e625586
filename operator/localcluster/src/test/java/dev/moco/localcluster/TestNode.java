package dev.moco.localcluster;

import java.io.IOException;

/** A process node that can fake pods, and crash. */
public final class TestNode implements AutoCloseable {
    private final ProcessNode node;

    TestNode(ProcessNode node) {
        this.node = node;
    }

    public String name() {
        return node.name();
    }

    /** Takes the node down as a power cut would: processes end, and nothing is reported. */
    public void crash() throws IOException {
        node.abandon();
    }

    /** Ends all pods' processes at once and removes the node. */
    @Override
    public void close() throws IOException {
        node.close();
    }
}
