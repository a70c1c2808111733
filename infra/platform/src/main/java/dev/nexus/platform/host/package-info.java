/// What a process does around its services: gives them the parts all share, starts them in order,
/// ends them. Depends on the other packages of the platform, and on Micronaut to hand the parts on.
@NullMarked
package dev.nexus.platform.host;

import org.jspecify.annotations.NullMarked;
