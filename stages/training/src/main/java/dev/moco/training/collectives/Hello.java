package dev.moco.training.collectives;

/**
 * A pod's message to the others of its stage, in the store. That of its successor replaces it.
 *
 * @param pod identity of the pod
 * @param host its IP address
 * @param port port of its first process
 * @param devices number of its processes
 */
record Hello(String pod, String host, int port, int devices) {
    Hello {
        Node.address(host);
        if (port < 1 || port > 65_535 || devices < 1 || devices > World.MAX_SIZE) {
            throw new IllegalArgumentException("a pod must have a port and devices, found " + port + ", " + devices);
        }
    }
}
