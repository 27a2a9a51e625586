package dev.moco.operator.storage;

import dev.moco.contract.StoreLocation;
import dev.moco.operator.jobs.StoreAccess;
import java.util.Optional;

/**
 * A store and the credentials with which the operator reads it for a namespace.
 *
 * @param location bucket, prefix and endpoint
 * @param secret Secret with the credentials; empty takes the operator's own identity
 */
record StoreLogin(StoreLocation location, Optional<SecretName> secret) {
    static StoreLogin of(StoreAccess access, String namespace) {
        return new StoreLogin(access.location(), access.secret().map(name -> new SecretName(namespace, name)));
    }

    /** Namespace and name of a Secret. */
    record SecretName(String namespace, String name) {
        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }
}
