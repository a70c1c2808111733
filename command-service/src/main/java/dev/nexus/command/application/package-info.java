/// Publishing applications: what is done when a version is applied, in which order, and what the
/// platform itself is made of. Depends on `definition`, `access`, the contract and the platform.
@NullMarked
package dev.nexus.command.application;

import org.jspecify.annotations.NullMarked;
