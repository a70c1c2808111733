/// Applications as published to the log. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.definition;

import org.jspecify.annotations.NullMarked;
