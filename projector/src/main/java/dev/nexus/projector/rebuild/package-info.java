/// Proves that what is stored equals the fold of the log, and folds it anew beside what is read:
/// the same folds, applied in memory or into a shadow. Depends on the `store` and `stream`
/// packages, on what `query` says of a silent Redis, on `platform.host`, `platform.stream`,
/// `platform.http`, `platform.docs` and `platform.security`, Kafka, Lettuce and Micronaut.
@NullMarked
package dev.nexus.projector.rebuild;

import org.jspecify.annotations.NullMarked;
