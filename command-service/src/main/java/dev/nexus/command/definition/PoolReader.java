package dev.nexus.command.definition;

import dev.nexus.command.definition.Located.Items;
import dev.nexus.command.definition.Located.Scalar;
import dev.nexus.event.definition.PoolDefinition;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads one pool: which containers there are, how many, and what each may use.
final class PoolReader {
  static final String FIELD = "sandboxPools";

  private static final int USUAL_MOST = 2;
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

  private PoolReader() {}

  /// The pools of an application: a list, or an object with one, as the specification has it.
  static List<Located> items(FieldReader root) {
    Optional<Located> field = root.find(FIELD);
    if (field.isEmpty() || field.get() instanceof Items) {
      return root.list(FIELD);
    }
    return FieldReader.objectOf(FIELD, field.get(), root.faults())
        .map(
            inner -> {
              List<Located> items = inner.list("pools");
              inner.finish();
              return items;
            })
        .orElse(List.of());
  }

  static PoolDefinition read(FieldReader pool) {
    String name = pool.requiredText("poolName", ApplicationLoader.ID, ApplicationLoader.ID_SHAPE);
    String image = image(pool);
    int least = pool.integer("minInstances", 0, PoolDefinition.MOST_INSTANCES, 0);
    int most =
        pool.integer("maxInstances", 1, PoolDefinition.MOST_INSTANCES, Math.max(least, USUAL_MOST));
    if (most < least) {
      pool.faults()
          .add(
              pool.mark("maxInstances"),
              "wrong maxInstances",
              "at least the " + least + " of minInstances",
              Integer.toString(most));
    }
    Optional<FieldReader> limits = pool.object("resourceLimits");
    double cpus = limits.map(PoolReader::cpus).orElse(USUAL_CPUS);
    long memory = limits.map(PoolReader::memory).orElse(USUAL_MEMORY);
    limits.ifPresent(FieldReader::finish);
    pool.withoutEffect("volumeMounts");
    pool.finish();
    return new PoolDefinition(name, image, least, most, cpus, memory);
  }

  private static String image(FieldReader pool) {
    Optional<Located> field = pool.find("dockerImage");
    if (field.isEmpty()) {
      return "";
    }
    String image =
        field.get() instanceof Scalar(_, var value) && value.isTextual() ? value.textValue() : "";
    if (image.length() > LONGEST_IMAGE || !IMAGE.matcher(image).matches()) {
      pool.faults()
          .add(
              field.get().mark(),
              "wrong dockerImage",
              "the reference of an image such as registry.example.com/acme/tools:1.2",
              field.get().kind());
    }
    return image;
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

  private static long memory(FieldReader limits) {
    Optional<Located> field = limits.find("memoryLimit");
    if (field.isEmpty()) {
      return USUAL_MEMORY;
    }
    OptionalLong bytes = parsedMemory(field.get());
    if (bytes.isEmpty()
        || bytes.getAsLong() < PoolDefinition.LEAST_MEMORY
        || bytes.getAsLong() > PoolDefinition.MOST_MEMORY) {
      limits
          .faults()
          .add(
              field.get().mark(),
              "wrong memoryLimit",
              "memory from 64Mi to 64Gi, such as 256Mi or 1G",
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
