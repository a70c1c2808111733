/// What a process measures about itself, by names that do not change. Depends on no other package:
/// whoever does something worth measuring asks for its `Measure` here.
@NullMarked
package dev.nexus.platform.measure;

import org.jspecify.annotations.NullMarked;
