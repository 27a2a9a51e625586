package dev.moco.training.weights.pickle;

import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Set;

/**
 * Refuses containers that are nested too deeply or hold themselves. Each is visited once, however many hold it, and without
 * recursion: a pickle of a few bytes can name one container twice in another, eighty times over.
 */
final class Nesting {
    static final int LEVELS = 64;

    private Nesting() {}

    /** A container whose children are visited; {@code levels} counts it and what was seen below it. */
    private static final class Open {
        final Object container;
        final Iterator<Object> children;
        int levels = 1;

        Open(Object container) {
            this.container = container;
            this.children = children(container);
        }
    }

    static void check(Object root) {
        if (!isContainer(root)) {
            return;
        }
        IdentityHashMap<Object, Integer> visited = new IdentityHashMap<>();
        Set<Object> path = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Open> open = new ArrayDeque<>();
        enter(root, path, open);
        while (!open.isEmpty()) {
            Open last = open.getLast();
            if (last.children.hasNext()) {
                Object child = last.children.next();
                if (isContainer(child)) {
                    Integer levels = visited.get(child);
                    if (levels == null) {
                        enter(child, path, open);
                    } else {
                        grow(last, levels);
                    }
                }
            } else {
                open.removeLast();
                path.remove(last.container);
                visited.put(last.container, last.levels);
                if (!open.isEmpty()) {
                    grow(open.getLast(), last.levels);
                }
            }
        }
    }

    private static void enter(Object container, Set<Object> path, Deque<Open> open) {
        if (!path.add(container)) {
            throw new RefusedException(Reason.DEPTH, "a container holds itself");
        }
        open.addLast(new Open(container));
        limit(open.size());
    }

    private static void grow(Open parent, int levels) {
        parent.levels = Math.max(parent.levels, levels + 1);
        limit(parent.levels);
    }

    private static void limit(int levels) {
        if (levels > LEVELS) {
            throw new RefusedException(Reason.DEPTH, "containers are nested deeper than " + LEVELS + " levels");
        }
    }

    private static boolean isContainer(Object value) {
        return value instanceof PickleMap || value instanceof PickleList || value instanceof PickleTuple;
    }

    private static Iterator<Object> children(Object container) {
        if (container instanceof PickleMap map) {
            return map.entries().values().iterator();
        } else if (container instanceof PickleList list) {
            return list.values().iterator();
        }
        return ((PickleTuple) container).values().iterator();
    }
}
