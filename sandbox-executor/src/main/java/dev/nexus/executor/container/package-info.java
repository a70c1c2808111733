/// Code in containers: pools of warm ones for each application, one call in one container at a
/// time. The only package that talks to Docker.
@NullMarked
package dev.nexus.executor.container;

import org.jspecify.annotations.NullMarked;
