/// What every event shares: the envelope, ids and scalar types. Depends on `java.*` only.
@NullMarked
package dev.nexus.event;

import org.jspecify.annotations.NullMarked;
