package dev.moco.training.collectives;

import java.net.InetSocketAddress;

/**
 * Address of the next process of a {@link Ring}.
 *
 * @param host its IP address
 * @param port its port
 * @param secret what all processes of the ring prove to have, see {@link Credential}
 */
record Next(String host, int port, String secret) {
    /** Without the secret, which is not to be logged. */
    @Override
    public String toString() {
        return "Next[" + host + ":" + port + "]";
    }

    InetSocketAddress address() {
        return new InetSocketAddress(Node.address(host), port);
    }
}
