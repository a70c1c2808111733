/// What becomes of containers that code runs in. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.sandbox;

import org.jspecify.annotations.NullMarked;
