package dev.moco.training.stage;

import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.StageFailure;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/** A store whose process dies at a call: that call is made or not, and no call after it is. */
public final class DyingStore {
    private final ObjectStore store;
    private final int lastCall;
    private final boolean made;
    private final AtomicInteger calls = new AtomicInteger();

    /**
     * @param lastCall number of the call, from 0
     * @param made whether that call is made, although its caller does not hear of it
     */
    public DyingStore(ObjectStore store, int lastCall, boolean made) {
        this.store = store;
        this.lastCall = lastCall;
        this.made = made;
    }

    /** The store, as the process uses it. */
    public ObjectStore objects() {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    int call = arguments == null ? -1 : calls.getAndIncrement(); // place and close are no requests
                    try {
                        Object answer =
                                call < lastCall || (call == lastCall && made) ? method.invoke(store, arguments) : null;
                        if (call < lastCall) {
                            return answer;
                        }
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    throw StageFailure.fault("the process is dead");
                });
    }

    /** Returns whether the call was reached. */
    public boolean died() {
        return calls.get() > lastCall;
    }
}
