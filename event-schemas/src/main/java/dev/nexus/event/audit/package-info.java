/// Who did or was refused what. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.audit;

import org.jspecify.annotations.NullMarked;
