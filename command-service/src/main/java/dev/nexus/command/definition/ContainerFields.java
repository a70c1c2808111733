package dev.nexus.command.definition;

import dev.nexus.command.definition.Located.Scalar;
import dev.nexus.event.definition.PoolDefinition;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads what pools and services say alike of their containers: the image, and what one may use.
final class ContainerFields {
  private static final double USUAL_CPUS = 1;
  private static final long USUAL_MEMORY = 256L << 20;

  private static final int LONGEST_IMAGE = 255;

  /// Registry, path, tag and digest, as container engines have them. It begins with a letter or
  /// digit, so no engine takes it for an option.
  private static final Pattern IMAGE =
      Pattern.compile(
          "([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\\d{1,5})?/)?"
              + "[a-z0-9]+((\\.|__?|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|__?|-+)[a-z0-9]+)*)*"
              + "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?"
              + "(@sha256:[0-9a-f]{64})?");

  private static final Pattern CPUS = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,6})?)(m?)");
  private static final Pattern MEMORY = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,6})?)([KMG]i?)");

  /// What one container may use.
  record Limits(double cpus, long memoryBytes) {}

  private ContainerFields() {}

  /// The reference of an image; "" where there is none.
  static String image(FieldReader container, String name) {
    Optional<Located> field = container.find(name);
    if (field.isEmpty()) {
      return "";
    }
    String image =
        field.get() instanceof Scalar(_, var value) && value.isTextual() ? value.textValue() : "";
    if (image.length() > LONGEST_IMAGE || !IMAGE.matcher(image).matches()) {
      container
          .faults()
          .add(
              field.get().mark(),
              "wrong " + name,
              "the reference of an image such as registry.example.com/acme/tools:1.2",
              field.get().kind());
    }
    return image;
  }

  /// @param leastMemory bytes
  static Limits limits(FieldReader container, long leastMemory) {
    Optional<FieldReader> limits = container.object("resourceLimits");
    double cpus = limits.map(ContainerFields::cpus).orElse(USUAL_CPUS);
    long memory = limits.map(fields -> memory(fields, leastMemory)).orElse(USUAL_MEMORY);
    limits.ifPresent(FieldReader::finish);
    return new Limits(cpus, memory);
  }

  private static double cpus(FieldReader limits) {
    Optional<Located> field = limits.find("cpuLimit");
    if (field.isEmpty()) {
      return USUAL_CPUS;
    }
    OptionalDouble cpus = parsedCpus(field.get());
    if (cpus.isEmpty()
        || cpus.getAsDouble() < PoolDefinition.LEAST_CPUS
        || cpus.getAsDouble() > PoolDefinition.MOST_CPUS) {
      limits
          .faults()
          .add(
              field.get().mark(),
              "wrong cpuLimit",
              "processors from 0.1 to 64, such as 0.5 or 500m",
              field.get().kind());
      return USUAL_CPUS;
    }
    if (cpus.getAsDouble() < 1) {
      // A quota is of 100 ms: what is used up early stands still until the next begins.
      limits
          .faults()
          .remark(
              field.get().mark(),
              "a cpuLimit below 1 lets containers stand still for a part of every 100 ms of work,"
                  + " so that calls often take some 50 ms longer");
    }
    return cpus.getAsDouble();
  }

  private static OptionalDouble parsedCpus(Located field) {
    if (!(field instanceof Scalar(_, var value))) {
      return OptionalDouble.empty();
    }
    if (value.isNumber()) {
      return OptionalDouble.of(value.doubleValue());
    }
    Matcher text = CPUS.matcher(value.isTextual() ? value.textValue() : "");
    if (!text.matches()) {
      return OptionalDouble.empty();
    }
    double number = Double.parseDouble(text.group(1));
    return OptionalDouble.of(text.group(2).isEmpty() ? number : number / 1_000);
  }

  private static long memory(FieldReader limits, long least) {
    Optional<Located> field = limits.find("memoryLimit");
    if (field.isEmpty()) {
      return USUAL_MEMORY;
    }
    OptionalLong bytes = parsedMemory(field.get());
    if (bytes.isEmpty()
        || bytes.getAsLong() < least
        || bytes.getAsLong() > PoolDefinition.MOST_MEMORY) {
      limits
          .faults()
          .add(
              field.get().mark(),
              "wrong memoryLimit",
              "memory from " + (least >> 20) + "Mi to 64Gi, such as 256Mi or 1G",
              field.get().kind());
      return USUAL_MEMORY;
    }
    return bytes.getAsLong();
  }

  /// `M` is a million bytes and `Mi` is 1024 times 1024, as Kubernetes has it.
  private static OptionalLong parsedMemory(Located field) {
    Matcher text =
        MEMORY.matcher(
            field instanceof Scalar(_, var value) && value.isTextual() ? value.textValue() : "");
    if (!text.matches()) {
      return OptionalLong.empty();
    }
    long unit =
        switch (text.group(2)) {
          case "K" -> 1_000;
          case "Ki" -> 1L << 10;
          case "M" -> 1_000_000;
          case "Mi" -> 1L << 20;
          case "G" -> 1_000_000_000;
          default -> 1L << 30;
        };
    return OptionalLong.of(
        new BigDecimal(text.group(1)).multiply(BigDecimal.valueOf(unit)).longValue());
  }
}
