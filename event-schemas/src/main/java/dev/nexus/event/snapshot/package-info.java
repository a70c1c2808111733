/// What stands beside the log so that the log may be shortened. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.snapshot;

import org.jspecify.annotations.NullMarked;
