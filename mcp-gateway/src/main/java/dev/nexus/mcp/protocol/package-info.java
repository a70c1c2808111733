/// The Model Context Protocol over HTTP, both eras on one endpoint, whatever the tools are. Depends
/// on Jackson, `platform.http` and `platform.docs`; Micronaut annotations are allowed here.
@NullMarked
package dev.nexus.mcp.protocol;

import org.jspecify.annotations.NullMarked;
