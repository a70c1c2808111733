/// The program behind `./nexus`. Depends on `standalone.verb`, which holds its commands.
@NullMarked
package dev.nexus.standalone;

import org.jspecify.annotations.NullMarked;
