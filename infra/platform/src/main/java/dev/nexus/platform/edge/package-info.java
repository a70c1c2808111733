/// Makes the parts that every edge needs into beans, once a process. Depends on the rest of the
/// platform; Micronaut annotations are allowed here.
@NullMarked
package dev.nexus.platform.edge;

import org.jspecify.annotations.NullMarked;
