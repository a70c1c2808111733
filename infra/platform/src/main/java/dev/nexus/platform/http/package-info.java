/// HTTP as every edge speaks it: problem details, authentication in front of every path that is not
/// open by name, limits. Depends on Micronaut and `platform.security`; Micronaut annotations are
/// allowed here.
@NullMarked
package dev.nexus.platform.http;

import org.jspecify.annotations.NullMarked;
