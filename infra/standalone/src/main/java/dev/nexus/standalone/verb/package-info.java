/// The commands of `./nexus`, one class each. A command prints its answer, or one line that says
/// what went wrong and what to do. Depends on `standalone.run` and, over HTTP, on the API.
@NullMarked
package dev.nexus.standalone.verb;

import org.jspecify.annotations.NullMarked;
