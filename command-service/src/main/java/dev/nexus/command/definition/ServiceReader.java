package dev.nexus.command.definition;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.definition.Located.Scalar;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.definition.ServiceDefinition.Reach;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Reads one service: which program runs for as long as the application does, what it may use and
/// how it is spoken to.
final class ServiceReader {
  static final String FIELD = "serviceInstances";

  private static final int MOST_ARGUMENTS = 64;
  private static final int MOST_VARIABLES = 64;

  /// Of a command, and of all variables together, bytes.
  private static final int LARGEST_TEXT = 16 << 10;

  private static final int LONGEST_PATH = 256;
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final Pattern DIRECTORY =
      Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9._-]{1,64}){1,16}");
  private static final Pattern PATH = Pattern.compile("/[!-~]*");

  /// The system's, and the platform's own.
  private static final List<String> TAKEN = List.of("/proc", "/sys", "/dev", "/run/nexus", "/tmp");

  private ServiceReader() {}

  static ServiceDefinition read(FieldReader service) {
    String name =
        service.requiredText("serviceName", ApplicationLoader.ID, ApplicationLoader.ID_SHAPE);
    if (!service.has("dockerImage")) {
      service
          .faults()
          .add(service.mark(), "the field dockerImage is missing", "an image", "nothing");
    }
    String image = ContainerFields.image(service, "dockerImage");
    String fallback = ContainerFields.image(service, "fallbackImage");
    List<String> command = command(service);
    Map<String, String> environment = environment(service);
    ContainerFields.Limits limits = ContainerFields.limits(service, ServiceDefinition.LEAST_MEMORY);
    String volume = volume(service);
    Reach reach = reach(service);
    int seconds =
        service.integer(
            "startSeconds",
            1,
            (int) ServiceDefinition.LONGEST_START.toSeconds(),
            (int) ServiceDefinition.USUAL_START.toSeconds());
    List<Capability> capabilities = CapabilityReader.ofService(service);
    service.finish();
    return new ServiceDefinition(
        name,
        image,
        fallback,
        command,
        environment,
        limits.cpus(),
        limits.memoryBytes(),
        volume,
        reach,
        Duration.ofSeconds(seconds),
        capabilities);
  }

  private static List<String> command(FieldReader service) {
    List<String> command = new ArrayList<>();
    long size = 0;
    for (Located item : service.list("command")) {
      if (item instanceof Scalar(_, var value) && (value.isTextual() || value.isNumber())) {
        command.add(value.asText());
        size += bytes(value.asText());
      } else {
        service.faults().add(item.mark(), "wrong argument of command", "a text", item.kind());
      }
    }
    if (command.size() > MOST_ARGUMENTS || size > LARGEST_TEXT) {
      service
          .faults()
          .add(
              service.mark("command"),
              "the command is too large",
              "at most " + MOST_ARGUMENTS + " arguments of " + LARGEST_TEXT + " bytes together",
              command.size() + " of " + size);
    }
    return List.copyOf(command);
  }

  private static Map<String, String> environment(FieldReader service) {
    Map<String, String> environment = new TreeMap<>();
    long size = 0;
    for (Map.Entry<String, JsonNode> entry : service.anything("environment").entrySet()) {
      String name = entry.getKey();
      JsonNode value = entry.getValue();
      if (!VARIABLE.matcher(name).matches()) {
        service
            .faults()
            .add(
                service.mark("environment"),
                "wrong variable of environment",
                "a name of letters, digits and '_'",
                "'" + name + "'");
      } else if (!value.isValueNode() || value.isNull()) {
        service
            .faults()
            .add(
                service.mark("environment"),
                "wrong value of " + name,
                "a text",
                value.getNodeType().name().toLowerCase(java.util.Locale.ROOT));
      } else {
        environment.put(name, value.asText());
        size += bytes(name) + bytes(value.asText());
      }
    }
    if (environment.size() > MOST_VARIABLES || size > LARGEST_TEXT) {
      service
          .faults()
          .add(
              service.mark("environment"),
              "the environment is too large",
              "at most " + MOST_VARIABLES + " variables of " + LARGEST_TEXT + " bytes together",
              environment.size() + " of " + size);
    }
    return environment;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static String volume(FieldReader service) {
    String volume = service.text("volume", "");
    if (volume.isEmpty()) {
      return volume;
    }
    boolean taken = TAKEN.stream().anyMatch(t -> volume.equals(t) || volume.startsWith(t + "/"));
    if (taken || !DIRECTORY.matcher(volume).matches()) {
      service
          .faults()
          .add(
              service.mark("volume"),
              "wrong volume",
              "an absolute path such as /data, outside of " + String.join(", ", TAKEN),
              "'" + volume + "'");
    }
    return volume;
  }

  private static Reach reach(FieldReader service) {
    int port = service.integer("port", 1, 65_535, 0);
    boolean stdio = flag(service, "stdio");
    String healthPath = service.text("healthPath", "");
    if (stdio && service.has("port")) {
      service
          .faults()
          .add(
              service.mark("stdio"),
              "a service has port and stdio",
              "one way to speak to it",
              "two");
    }
    if (healthPath.isEmpty()) {
      return new Reach(port, "", stdio);
    }
    if (port == 0) {
      service
          .faults()
          .add(
              service.mark("healthPath"),
              "healthPath without a port",
              "the port that answers it",
              "none");
    }
    if (healthPath.length() > LONGEST_PATH || !PATH.matcher(healthPath).matches()) {
      service
          .faults()
          .add(
              service.mark("healthPath"),
              "wrong healthPath",
              "a path such as /health",
              "'" + healthPath + "'");
    }
    return new Reach(port, healthPath, stdio);
  }

  private static boolean flag(FieldReader service, String name) {
    Optional<Located> field = service.find(name);
    if (field.isEmpty()) {
      return false;
    }
    if (field.get() instanceof Scalar(_, var value) && value.isBoolean()) {
      return value.booleanValue();
    }
    service.faults().add(field.get().mark(), "wrong " + name, "true or false", field.get().kind());
    return false;
  }
}
