/// The router: wires the pure decisions of `execution` to the log. Depends on Kafka through
/// `platform.stream`, and on RocksDB for state beyond the heap.
@NullMarked
package dev.nexus.command.topology;

import org.jspecify.annotations.NullMarked;
