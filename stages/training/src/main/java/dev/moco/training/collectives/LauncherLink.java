package dev.moco.training.collectives;

import dev.moco.contract.ExitCode;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connection of a process to its launcher: shows signs to it, hears from it, and ends this process with it. */
final class LauncherLink {
    static final int STOP = 'S';
    static final int DUMP = 'D';

    private static final Logger LOG = LoggerFactory.getLogger(LauncherLink.class);
    private static final long BETWEEN_SIGNS_MILLIS = 500;

    private final World world;
    private final DataInputStream in;
    private final DataOutputStream out;
    private volatile LongSupplier activity = () -> 0;
    private volatile boolean stopRequested;

    LauncherLink(World world, Credential credential, int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        credential.connect(socket, world.indexHere());
        this.world = world;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(socket.getOutputStream());
    }

    /** Says where this process listens, and waits until it is known where the next one does. */
    Next next(int ownPort) throws IOException {
        out.writeInt(ownPort);
        out.flush();
        start("heartbeat", this::showSigns);
        Next next = new Next(in.readUTF(), in.readInt(), in.readUTF());
        start("launcher", this::hear);
        return next;
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    boolean stopRequested() {
        return stopRequested;
    }

    void activity(LongSupplier changing) {
        activity = changing;
    }

    private void hear() {
        try {
            for (int message = in.read(); message >= 0; message = in.read()) {
                if (message == STOP) {
                    stop();
                } else if (message == DUMP) {
                    dump();
                }
            }
        } catch (IOException e) {
            LOG.debug("the launcher's connection was closed", e);
        }
        // Nothing may outlast the launcher: who started it would start the stage again beside this process.
        Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
    }

    /** The launcher repeats its request. */
    private void stop() {
        if (!stopRequested) {
            stopRequested = true;
            LOG.info("{} is asked to stop, by its launcher", Ring.name(world));
        }
    }

    /** Logs what every thread does, so that a stage that hangs shows where. */
    private void dump() {
        Thread.getAllStackTraces().forEach((thread, frames) -> {
            StringBuilder text = new StringBuilder();
            for (StackTraceElement frame : frames) {
                text.append(" | ").append(frame);
            }
            LOG.error("{} thread={} state={}{}", Ring.name(world), thread.getName(), thread.getState(), text);
        });
    }

    private void showSigns() {
        try {
            while (true) {
                out.writeLong(activity.getAsLong());
                out.flush();
                Thread.sleep(BETWEEN_SIGNS_MILLIS);
            }
        } catch (IOException e) {
            LOG.debug("the launcher's connection was closed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
