/// The read side of Nexus: folds the log into Redis and answers from it. This package puts the
/// parts together; it may depend on all of them, on the platform and on Micronaut.
@NullMarked
package dev.nexus.projector;

import org.jspecify.annotations.NullMarked;
