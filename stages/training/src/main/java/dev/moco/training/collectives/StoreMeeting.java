package dev.moco.training.collectives;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Meeting of the pods of a stage over its store: each writes a {@link Hello} below the stage's key, and that of the first node
 * makes a {@link Generation} of them. No port is open for it, and no name is looked up.
 */
public final class StoreMeeting implements Meeting {
    private static final Logger LOG = LoggerFactory.getLogger(StoreMeeting.class);
    private static final long BETWEEN_READS_MILLIS = 1000;
    private static final long BETWEEN_LOOKS_MILLIS = 15_000;
    private static final int MOST_BYTES = 64 << 10;
    /** Longest wait for the others; a pod that has waited ends, and its successor waits again. */
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final ArtifactStore store;
    private final StageTask task;
    private final Node node;
    private final int devices;
    private final Duration limit;
    private final String prefix;

    /** @param devices number of this node's processes */
    public StoreMeeting(ArtifactStore store, StageTask task, Node node, int devices) {
        this(store, task, node, devices, LIMIT);
    }

    StoreMeeting(ArtifactStore store, StageTask task, Node node, int devices, Duration limit) {
        this.store = store;
        this.task = task;
        this.node = node;
        this.devices = devices;
        this.limit = limit;
        this.prefix = prefix(task) + node.job() + "/";
    }

    private static String prefix(StageTask task) {
        return ArtifactKey.prefix(task.config().stage(), task.key()) + "nodes/";
    }

    @Override
    public Optional<Next> with(int port) throws IOException, InterruptedException {
        if (committed()) {
            LOG.info("already committed");
            return Optional.empty();
        }
        Hello own = new Hello(node.pod(), node.address(), port, devices);
        put(hello(node.index()), own);
        long began = System.nanoTime();
        while (!committed()) {
            List<Integer> missing = node.index() == 0 ? makeGeneration(own) : List.of();
            Optional<Next> next = read(generation(), Generation.class).flatMap(generation -> generation.after(node));
            if (next.isPresent()) {
                LOG.info(
                        "node {} of {} has met the others, next={}",
                        node.index(),
                        node.count(),
                        next.get().host());
                return next;
            }
            if (System.nanoTime() - began > limit.toNanos()) {
                throw StageFailure.interrupted(node.prefix() + "waited " + limit.toSeconds()
                        + " s for the pods of the other nodes, "
                        + (node.index() == 0 ? "missing: " + missing : "which node 0 has not brought together"));
            }
            Thread.sleep(BETWEEN_READS_MILLIS);
        }
        LOG.info("already committed");
        return Optional.empty();
    }

    @Override
    public void awaitSuccessor() throws InterruptedException {
        while (true) {
            Thread.sleep(BETWEEN_LOOKS_MILLIS);
            try {
                Optional<Generation> generation = read(generation(), Generation.class);
                for (int index = 0; index < node.count(); index++) {
                    Optional<Hello> hello = read(hello(index), Hello.class);
                    if (generation.isPresent()
                            && hello.isPresent()
                            && generation.get().isSucceededBy(index, hello.get())) {
                        LOG.warn("node {} has a new pod, so that the one before it is lost", index);
                        return;
                    }
                }
            } catch (IOException e) {
                LOG.debug("cannot look for new pods", e);
            }
        }
    }

    /** Makes a generation with this pod, once no other is missing; returns the missing ones. */
    private List<Integer> makeGeneration(Hello own) throws IOException {
        Optional<Generation> before = read(generation(), Generation.class);
        if (before.isPresent() && before.get().after(node).isPresent()) {
            return List.of();
        }
        Map<Integer, Hello> hellos = new HashMap<>(Map.of(0, own));
        for (int index = 1; index < node.count(); index++) {
            Optional<Hello> hello = read(hello(index), Hello.class);
            if (hello.isPresent()) {
                hellos.put(index, hello.get());
            }
        }
        List<Integer> missing = Generation.missing(node.count(), hellos, before);
        if (missing.isEmpty()) {
            List<Hello> pods = new ArrayList<>();
            for (int index = 0; index < node.count(); index++) {
                pods.add(hellos.get(index));
            }
            put(generation(), Generation.of(pods, Credential.draw().text()));
        }
        return missing;
    }

    private boolean committed() throws IOException {
        Optional<Manifest> manifest = store.manifest(task.config().stage(), task.key());
        return manifest.isPresent() && store.damage(manifest.get()).isEmpty();
    }

    private String hello(int index) {
        return prefix + "hello-" + index + ".json";
    }

    private String generation() {
        return prefix + "generation.json";
    }

    private void put(String key, Object value) throws IOException {
        store.objects().put(key, CanonicalJson.bytes(value));
    }

    /** Reads an object; empty for one of another form, such as another version's. */
    private <T> Optional<T> read(String key, Class<T> type) throws IOException {
        Optional<byte[]> bytes = store.objects().get(key, MOST_BYTES);
        try {
            return bytes.map(json -> CanonicalJson.read(json, type));
        } catch (UncheckedIOException e) {
            LOG.warn("{} in {} is {}", key, store.objects().place(), e.getMessage());
            return Optional.empty();
        }
    }

    /** Deletes what the pods of a committed stage wrote, of all its Jobs. */
    public static void clear(ObjectStore objects, StageTask task) throws IOException {
        List<String> keys = new ArrayList<>();
        objects.list(prefix(task), object -> keys.add(object.key()));
        for (String key : keys) {
            objects.delete(key);
        }
    }
}
