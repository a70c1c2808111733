package dev.nexus.standalone.run;

/// Where a running platform answers.
///
/// @param http base URL of the HTTP API
/// @param grpc host and port of the gRPC API; empty when no service offers one
/// @param kafka value for `bootstrap.servers`
/// @param topicPrefix what every topic and group name begins with
/// @param ownBroker whether that is the embedded broker
/// @param redisPort port of the embedded Redis; 0 when another one is used
public record Addresses(
    String http, String grpc, String kafka, String topicPrefix, boolean ownBroker, int redisPort) {}
