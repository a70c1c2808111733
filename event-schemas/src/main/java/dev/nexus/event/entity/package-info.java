/// Tenants, keys and integrations. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.entity;

import org.jspecify.annotations.NullMarked;
