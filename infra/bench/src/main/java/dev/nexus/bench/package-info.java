/// Benchmarks: each measures what it names and, in the same run, the floor under it. Depends on
/// `standalone` to start a platform and on Kafka's clients for the floor.
@NullMarked
package dev.nexus.bench;

import org.jspecify.annotations.NullMarked;
