package dev.moco.operator.reconcile;

import dev.moco.contract.StoreLocation;
import java.util.Optional;

/**
 * A store, and how a namespace gets into it.
 *
 * @param location where it is
 * @param secret Secret with the credentials; empty for the operator's own identity
 */
record StoreAccess(StoreLocation location, Optional<SecretName> secret) {
    /** A Secret. */
    record SecretName(String namespace, String name) {
        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }
}
