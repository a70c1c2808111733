/// Reads topics and folds them into the store, partition by partition. Depends on the `store`
/// package, `platform.stream` and the Kafka client.
@NullMarked
package dev.nexus.projector.stream;

import org.jspecify.annotations.NullMarked;
