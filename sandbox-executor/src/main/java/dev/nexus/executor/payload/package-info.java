/// Tasks whose input is too large for the log get it here, and large outputs stay out of the log.
/// Depends on `work`, the contract and `platform.blob`.
@NullMarked
package dev.nexus.executor.payload;

import org.jspecify.annotations.NullMarked;
