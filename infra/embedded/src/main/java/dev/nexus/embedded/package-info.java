/// A one-node Kafka broker, a Redis server and the directory that both live in, for one-JVM
/// operation and for tests. Depends on Kafka's server and on `java.*`, never on Nexus itself.
@NullMarked
package dev.nexus.embedded;

import org.jspecify.annotations.NullMarked;
