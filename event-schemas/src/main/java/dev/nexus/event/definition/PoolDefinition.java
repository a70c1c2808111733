package dev.nexus.event.definition;

/// Containers of one kind, in which scripts and commands of an application run. The numbers hold on
/// each executor that serves the lane of containers.
///
/// @param image reference of the image that is run; "" takes the platform's runner of the script's
///     language
/// @param minInstances containers that are kept ready while nothing is to be done
/// @param maxInstances containers that may be there at once, each for one call at a time
/// @param cpus processors that one container may use: 0.5 is half the time of one
/// @param memoryBytes memory that one container may use, bytes
public record PoolDefinition(
    String poolName,
    String image,
    int minInstances,
    int maxInstances,
    double cpus,
    long memoryBytes) {
  public static final int MOST_INSTANCES = 32;
  public static final double LEAST_CPUS = 0.1;
  public static final double MOST_CPUS = 64;
  public static final long LEAST_MEMORY = 64L << 20;
  public static final long MOST_MEMORY = 64L << 30;

  /// Whether the image answers calls itself, so that a component needs no script.
  public boolean answersItself() {
    return !image.isEmpty();
  }
}
