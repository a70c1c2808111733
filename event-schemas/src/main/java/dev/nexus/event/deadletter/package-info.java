/// Records that could not be used. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.deadletter;

import org.jspecify.annotations.NullMarked;
