/// Proves that what is stored equals the fold of the log: the same folds, applied in memory.
/// Depends on the `store` package, `platform.stream`, Kafka and Lettuce.
@NullMarked
package dev.nexus.projector.rebuild;

import org.jspecify.annotations.NullMarked;
