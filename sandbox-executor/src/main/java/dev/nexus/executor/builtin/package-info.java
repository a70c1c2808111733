/// Functions that are part of Nexus, by name. Depends on `work`, `code` and `event-schemas`.
@NullMarked
package dev.nexus.executor.builtin;

import org.jspecify.annotations.NullMarked;
