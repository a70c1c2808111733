/// The oracle as a part of a Nexus process. Depends on Micronaut's factory annotations, on
/// `platform` and on the packages below.
@NullMarked
package dev.nexus.oracle;

import org.jspecify.annotations.NullMarked;
