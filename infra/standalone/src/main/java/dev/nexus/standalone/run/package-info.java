/// The whole platform in one JVM: starts its parts in order, says where they answer, ends them.
/// Depends on `platform.host`, on `embedded` and on the services as beans, never on the commands.
@NullMarked
package dev.nexus.standalone.run;

import org.jspecify.annotations.NullMarked;
