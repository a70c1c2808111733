/// Intents of callers. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.request;

import org.jspecify.annotations.NullMarked;
