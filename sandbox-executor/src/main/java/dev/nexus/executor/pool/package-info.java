/// Bounded concurrency: permits a lane, a share of them an application. Depends on `java.*` only.
@NullMarked
package dev.nexus.executor.pool;

import org.jspecify.annotations.NullMarked;
