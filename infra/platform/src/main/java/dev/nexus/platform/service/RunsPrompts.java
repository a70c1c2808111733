package dev.nexus.platform.service;

/// A bean of a process that runs prompts. Where it is missing, others run them.
///
/// @param unanswered why no model answers them, and what to do; empty where one is configured
public record RunsPrompts(String unanswered) {}
