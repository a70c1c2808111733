/// Which components are called with enough different inputs that code would pay and could be
/// proven. Pure: depends on `java.*` and `dev.nexus.event` only.
@NullMarked
package dev.nexus.oracle.hotness;

import org.jspecify.annotations.NullMarked;
