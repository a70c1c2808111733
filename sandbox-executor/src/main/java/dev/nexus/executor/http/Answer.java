package dev.nexus.executor.http;

import java.util.List;

/// @param status of HTTP
public record Answer(int status, List<Header> headers, byte[] body) {}
