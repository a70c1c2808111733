/// What a service of Nexus is to the process that runs it, alone or together with the others.
/// Depends on `java.*` and SLF4J only.
@NullMarked
package dev.nexus.platform.service;

import org.jspecify.annotations.NullMarked;
