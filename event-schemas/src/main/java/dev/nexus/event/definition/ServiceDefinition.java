package dev.nexus.event.definition;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.nexus.event.NameIds;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A program of an application that runs for as long as the application is published: an agent, a
/// server. One container of it runs, on one of the executors that have an engine.
///
/// @param image reference of the image that is run
/// @param fallbackImage what is run where that cannot be started; "" for nothing
/// @param command arguments for the image's entrypoint; those of the image when there are none
/// @param environment variables that it finds, besides those of the image
/// @param cpus processors that it may use: 0.5 is half the time of one
/// @param memoryBytes memory that it may use, bytes
/// @param volume where files are that outlive its containers; "" for nowhere
/// @param startTime how long it may take until it is well
/// @param capabilities what it may ask for: tools, state, or nothing; left out of the JSON then
public record ServiceDefinition(
    String serviceName,
    String image,
    String fallbackImage,
    List<String> command,
    Map<String, String> environment,
    double cpus,
    long memoryBytes,
    String volume,
    Reach reach,
    Duration startTime,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Capability> capabilities) {
  /// Services of one application; each is a container that is always there.
  public static final int MOST_SERVICES = 128;

  /// Less than a pool's containers have: nothing of ours runs in these.
  public static final long LEAST_MEMORY = 8L << 20;

  public static final Duration LONGEST_START = Duration.ofMinutes(10);
  public static final Duration USUAL_START = Duration.ofSeconds(30);

  public ServiceDefinition {
    command = command == null ? List.of() : List.copyOf(command);
    environment = environment == null ? Map.of() : Map.copyOf(environment);
    capabilities = capabilities == null ? List.of() : List.copyOf(capabilities);
  }

  /// One that may ask for nothing.
  public ServiceDefinition(
      String serviceName,
      String image,
      String fallbackImage,
      List<String> command,
      Map<String, String> environment,
      double cpus,
      long memoryBytes,
      String volume,
      Reach reach,
      Duration startTime) {
    this(
        serviceName,
        image,
        fallbackImage,
        command,
        environment,
        cpus,
        memoryBytes,
        volume,
        reach,
        startTime,
        List.of());
  }

  /// Whether it may call any.
  public boolean hasTools() {
    return !capabilities.isEmpty();
  }

  /// How a service is spoken to. It has no network, so nothing else reaches it.
  ///
  /// @param port at which it listens within its container, TCP; 0 for none
  /// @param healthPath path that answers a GET with a status below 400 while it is well; "" where a
  ///     connection says enough
  /// @param stdio whether it speaks MCP by its standard input and output, a message a line
  public record Reach(int port, String healthPath, boolean stdio) {
    public static final Reach NONE = new Reach(0, "", false);

    public boolean hasPort() {
      return port > 0;
    }
  }

  /// Names what is run: another digest is another container.
  public String digest() {
    return NameIds.sha256(CanonicalJson.toJson(this).text());
  }
}
