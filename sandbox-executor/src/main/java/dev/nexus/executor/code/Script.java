package dev.nexus.executor.code;

import dev.nexus.event.TenantId;

/// Code that defines `handle(input)`.
///
/// @param tenant whose it is: what is kept of a script between calls is never shared with others
public record Script(TenantId tenant, Language language, String source) {}
