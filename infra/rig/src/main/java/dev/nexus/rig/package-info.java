/// A platform for tests that look at it from outside, and clients that hold its answers to their
/// documents. Knows every service; nothing but tests knows it.
@NullMarked
package dev.nexus.rig;

import org.jspecify.annotations.NullMarked;
