/// What tests of several modules share. May depend on the platform and the embedded servers, never
/// on a service.
@NullMarked
package dev.nexus.testkit;

import org.jspecify.annotations.NullMarked;
