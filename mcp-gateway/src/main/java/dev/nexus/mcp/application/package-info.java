/// Components of applications as tools. Depends on `mcp.protocol`, `event-schemas` and
/// `platform.call`.
@NullMarked
package dev.nexus.mcp.application;

import org.jspecify.annotations.NullMarked;
