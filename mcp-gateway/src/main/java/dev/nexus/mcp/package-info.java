/// Puts the parts of the gateway together as beans. Depends on the packages below it and on
/// Micronaut.
@NullMarked
package dev.nexus.mcp;

import org.jspecify.annotations.NullMarked;
