package dev.moco.training.collectives;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** This process among those of its stage: one that a launcher has started, or the only one. */
public final class DeviceMember implements AutoCloseable {
    private static final Pattern IDENTITY = Pattern.compile("(\\d{1,2})/(\\d{1,2})/(\\d{1,2})@(\\d{1,5})");

    /** A process on its own. */
    public static final DeviceMember ALONE = new DeviceMember(Collectives.ALONE, null);

    private final Collectives collectives;
    private final @Nullable LauncherLink launcher;

    private DeviceMember(Collectives collectives, @Nullable LauncherLink launcher) {
        this.collectives = collectives;
        this.launcher = launcher;
    }

    /** Returns whether a launcher has started this process. */
    public static boolean isLaunched(Map<String, String> environment) {
        return environment.containsKey(LaunchVariables.MEMBER);
    }

    /**
     * Joins the other processes, and waits until all of them have; returns at once in a process on its own.
     *
     * @param gpu true if this process computes on a GPU
     * @param deterministic whether sums must be the same at every run
     */
    public static DeviceMember join(Map<String, String> environment, boolean gpu, boolean deterministic) {
        if (!isLaunched(environment)) {
            return ALONE;
        }
        Matcher identity = identity(environment);
        World world = world(identity);
        Credential credential = Credential.parse(String.valueOf(environment.get(LaunchVariables.SECRET)));
        try (ServerSocketChannel listening = Ring.listen(Ring.ownAddress(world, Node.of(environment)))) {
            LauncherLink launcher = new LauncherLink(world, credential, Integer.parseInt(identity.group(4)));
            Next next = launcher.next(Ring.port(listening));
            if (world.size() == 1) {
                return new DeviceMember(Collectives.ALONE, launcher);
            }
            Ring ring = Ring.connect(world, Credential.parse(next.secret()), listening, next.address());
            Collectives sockets = new SocketCollectives(world, ring);
            return new DeviceMember(
                    Transport.of(environment, gpu, deterministic).over(sockets, environment), launcher);
        } catch (IOException e) {
            throw new PeerLostException(Ring.name(world) + " cannot reach its launcher: " + e.getMessage(), e);
        }
    }

    /** Place of a process among those of its stage, before it has joined them. */
    public static World world(Map<String, String> environment) {
        return isLaunched(environment) ? world(identity(environment)) : World.ALONE;
    }

    private static World world(Matcher identity) {
        return new World(
                Integer.parseInt(identity.group(1)),
                Integer.parseInt(identity.group(2)),
                Integer.parseInt(identity.group(3)));
    }

    private static Matcher identity(Map<String, String> environment) {
        Matcher identity = IDENTITY.matcher(environment.getOrDefault(LaunchVariables.MEMBER, ""));
        if (!identity.matches() || !environment.containsKey(LaunchVariables.SECRET)) {
            throw StageFailure.badConfig(LaunchVariables.MEMBER + " and " + LaunchVariables.SECRET
                    + " are set by the launcher of a stage for its processes; unset them");
        }
        return identity;
    }

    public World world() {
        return collectives.world();
    }

    public Collectives collectives() {
        return collectives;
    }

    /** Returns whether the launcher was asked to stop. */
    public boolean stopRequested() {
        return launcher != null && launcher.stopRequested();
    }

    /** Sets a number that changes while this process goes on, for the launcher. */
    public void activity(LongSupplier changing) {
        if (launcher != null) {
            launcher.activity(changing);
        }
    }

    /**
     * Waits on each node until the result is committed: a node that had ended could not be started again, and without it no
     * other could go on from the checkpoint.
     */
    public void awaitAll() {
        if (world().nodes() > 1) {
            collectives.agree(0);
        }
    }

    /** Leaves the others; the launcher hears of this process until its end. */
    @Override
    public void close() {
        collectives.close();
    }
}
