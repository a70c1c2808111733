/// Answers questions from Redis, over HTTP. Depends on the `store` package and the names and views
/// of the features, `platform.admission`, `platform.config`, `platform.http`, `platform.docs`,
/// Lettuce and Micronaut.
@NullMarked
package dev.nexus.projector.query;

import org.jspecify.annotations.NullMarked;
