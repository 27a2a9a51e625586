package dev.moco.operator.storage;

import dev.moco.contract.StoreLocation;
import dev.moco.operator.jobs.StoreAccess;
import java.util.Optional;

/**
 * A store, and how the operator gets into it for a namespace.
 *
 * @param location where it is
 * @param secret Secret with the credentials; empty for the operator's own identity
 */
record StoreLogin(StoreLocation location, Optional<SecretName> secret) {
    static StoreLogin of(StoreAccess access, String namespace) {
        return new StoreLogin(access.location(), access.secret().map(name -> new SecretName(namespace, name)));
    }

    /** A Secret. */
    record SecretName(String namespace, String name) {
        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }
}
