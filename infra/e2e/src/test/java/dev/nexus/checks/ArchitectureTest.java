package dev.nexus.checks;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.Predefined;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Who may know whom. An exception is one line here, with its reason.
class ArchitectureTest {
  private static final JavaClasses PRODUCTION =
      new ClassFileImporter()
          .withImportOption(Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.nexus");

  private static final String[] CONTRACT = {
    "dev.nexus.event..", "dev.nexus.topic..", "dev.nexus.wire.."
  };
  private static final String PLATFORM = "dev.nexus.platform..";
  private static final String CONTAINERS = "dev.nexus.executor.container..";
  private static final List<String> ASSEMBLY =
      List.of(
          "dev.nexus.standalone..",
          "dev.nexus.embedded..",
          "dev.nexus.testkit..",
          "dev.nexus.rig..",
          "dev.nexus.scriptedmodel..",
          "dev.nexus.bench..");

  /// Packages whose description says `Pure:`.
  private static final String[] PURE = declaredPure();

  /// What pure packages use besides the contract: values, which do nothing.
  private static final List<String> VALUES =
      List.of(
          // JSON as a tree, the form the contract itself gives it.
          "com.fasterxml.jackson.databind.JsonNode",
          "com.fasterxml.jackson.databind.node.ArrayNode",
          "com.fasterxml.jackson.databind.node.JsonNodeFactory",
          "com.fasterxml.jackson.databind.node.JsonNodeType",
          "com.fasterxml.jackson.databind.node.ObjectNode",
          "com.fasterxml.jackson.annotation.JsonUnwrapped",
          // What a fold wants changed in Redis, and what it reads of it.
          "dev.nexus.projector.store.Fact",
          "dev.nexus.projector.store.Fold",
          "dev.nexus.projector.store.Key",
          "dev.nexus.projector.store.Mutation",
          "dev.nexus.projector.store.Views");

  /// Package and artifact of each service.
  private static final Map<String, String> SERVICES =
      Map.of(
          "dev.nexus.command..", "nexus-command-service",
          "dev.nexus.projector..", "nexus-projector",
          "dev.nexus.executor..", "nexus-sandbox-executor",
          "dev.nexus.mcp..", "nexus-mcp-gateway",
          "dev.nexus.oracle..", "nexus-oracle-stream");

  private static final Map<String, Set<String>> IMPURE_CALLS =
      Map.of(
          "java.time.Instant", Set.of("now"),
          "java.time.LocalDate", Set.of("now"),
          "java.time.LocalDateTime", Set.of("now"),
          "java.time.ZonedDateTime", Set.of("now"),
          "java.time.OffsetDateTime", Set.of("now"),
          "java.time.Clock", Set.of("systemUTC", "systemDefaultZone", "system"),
          "java.util.UUID", Set.of("randomUUID"),
          "java.lang.System",
              Set.of("getenv", "getProperty", "currentTimeMillis", "nanoTime", "setProperty"),
          "java.lang.Math", Set.of("random"),
          "java.util.concurrent.ThreadLocalRandom", Set.of("current"));

  private static final Pattern PLACE = Pattern.compile(" in \\((\\w+\\.java):(\\d+)\\)");
  private static final Pattern PACKAGE = Pattern.compile("<(dev\\.nexus(?:\\.[a-z]\\w*)*)\\.[A-Z]");

  /// A rule about a package that was renamed would hold for ever.
  @Test
  void shouldNameOnlyPackagesThatExist() {
    var named = new ArrayList<>(List.of(CONTRACT));
    named.addAll(SERVICES.keySet());
    named.addAll(ASSEMBLY);
    named.add(PLATFORM);
    named.add(CONTAINERS);
    List<String> paths = JavaFile.main().stream().map(JavaFile::path).toList();
    assertThat(named)
        .allSatisfy(
            name ->
                assertThat(paths)
                    .anyMatch(
                        path ->
                            path.contains("/" + name.replace("..", "").replace('.', '/') + "/")));
    assertThat(PURE).contains("dev.nexus.command.execution", "dev.nexus.oracle.promotion");
  }

  @Test
  void shouldKeepDecisionsPure() {
    var allowed = new ArrayList<>(List.of(PURE));
    allowed.addAll(List.of(CONTRACT));
    allowed.addAll(List.of("java..", "org.jspecify.."));
    check(
        classes()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(allowed.toArray(String[]::new)).or(areValues()))
            .because("a decision is replayed from facts: no library may take part in it"));
    check(
        noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("java.io..", "java.net..", "java.nio.file..", "java.sql..")
                    // Records and exceptions are serializable by the language, not by choice.
                    .and(DescribedPredicate.not(named("java.io.Serializable"))))
            .because("a decision does no input or output"));
  }

  @Test
  void shouldKeepDecisionsDeterministic() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .accessTargetWhere(impureCall())
            .because("replay must see neither clock, chance nor environment: they come as input"));
  }

  @Test
  void shouldLetServicesMeetOnlyInTopics() {
    SERVICES.forEach(
        (service, artifact) -> {
          String[] others =
              SERVICES.keySet().stream()
                  .filter(other -> !other.equals(service))
                  .toArray(String[]::new);
          check(
              noClasses()
                  .that()
                  .resideInAPackage(service)
                  .should()
                  .dependOnClassesThat()
                  .resideInAnyPackage(others)
                  .because("services meet in topics and APIs, so that each can be run alone"));
        });
  }

  @Test
  void shouldBuildServicesApart() {
    var found = new ArrayList<Violation>();
    for (String artifact : SERVICES.values()) {
      var pom = new TextFile(artifact.substring("nexus-".length()) + "/pom.xml");
      List<String> lines = pom.lines();
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (line.startsWith("<artifactId>")
            && !line.contains(">" + artifact + "<")
            && SERVICES.values().stream().anyMatch(other -> line.contains(">" + other + "<"))) {
          found.add(new Violation(pom.path(), i + 1, "a service depends on another service"));
        }
      }
    }
    Violation.assertNone(found);
  }

  @Test
  void shouldKeepTheContractFreeOfFrameworks() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(CONTRACT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micronaut..", "org.apache.kafka..", PLATFORM)
            .because("any program may read our topics with the contract alone"));
  }

  @Test
  void shouldKeepThePlatformFreeOfServices() {
    check(
        noClasses()
            .that()
            .resideInAPackage(PLATFORM)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SERVICES.keySet().toArray(String[]::new))
            .because("the platform is shared by services and knows nothing of what they do"));
  }

  @Test
  void shouldKeepProductionFreeOfStandInsAndAssembly() {
    var production = new ArrayList<>(SERVICES.keySet());
    production.addAll(List.of(CONTRACT));
    production.add(PLATFORM);
    check(
        noClasses()
            .that()
            .resideInAnyPackage(production.toArray(String[]::new))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ASSEMBLY.toArray(String[]::new))
            .because("a service must not know that it runs in one JVM, in a test or on a script"));
  }

  @Test
  void shouldKeepTheContainerEngineInOnePackage() {
    check(dockerOnlyIn(CONTAINERS));
    assertThat(dockerOnlyIn("dev.nexus.executor.code..").evaluate(PRODUCTION).hasViolation())
        .as("where the rule allows another package, it sees the classes that use docker-java")
        .isTrue();
  }

  private static ArchRule dockerOnlyIn(String allowed) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(allowed)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.github.dockerjava..")
        .because("what a container may do is said in one place, which anybody can review");
  }

  @Test
  void shouldSpellEventsCommandsAndStatesAsSealedRecords() {
    check(
        classes()
            .that(areSealedVocabulary())
            .should(permitOnlyRecords())
            .because("they are values: equal by content, immutable, and matched by pattern"));
  }

  private static DescribedPredicate<JavaAccess<?>> impureCall() {
    return DescribedPredicate.describe(
        "a call that answers differently each time",
        access ->
            IMPURE_CALLS
                    .getOrDefault(access.getTargetOwner().getName(), Set.of())
                    .contains(access.getTarget().getName())
                || access.getTargetOwner().isAssignableTo(java.util.Random.class));
  }

  private static String[] declaredPure() {
    return JavaFile.main().stream()
        .map(file -> new TextFile(file.path()).directory())
        .distinct()
        .filter(
            directory -> {
              String info = directory + "/package-info.java";
              return Repository.exists(info)
                  && Pattern.compile("\\bPure:").matcher(new TextFile(info).text()).find();
            })
        .map(directory -> directory.replaceAll(".*/src/main/java/", "").replace('/', '.'))
        .toArray(String[]::new);
  }

  private static DescribedPredicate<JavaClass> areValues() {
    return DescribedPredicate.describe(
        "are values",
        type ->
            VALUES.stream()
                .anyMatch(
                    value ->
                        type.getName().equals(value) || type.getName().startsWith(value + "$")));
  }

  private static DescribedPredicate<JavaClass> named(String name) {
    return DescribedPredicate.describe(name, type -> type.getName().equals(name));
  }

  private static DescribedPredicate<JavaClass> areSealedVocabulary() {
    return DescribedPredicate.describe(
        "are sealed interfaces named *Event, *Command or *State",
        type ->
            type.isInterface()
                && type.isSealed()
                && type.getSimpleName().matches(".*(Event|Command|State)"));
  }

  private static ArchCondition<JavaClass> permitOnlyRecords() {
    return new ArchCondition<>("permit only records, or sealed interfaces of records") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (JavaClass permitted : type.getPermittedSubclasses().orElseThrow()) {
          boolean value = permitted.isRecord() || (permitted.isInterface() && permitted.isSealed());
          events.add(
              new SimpleConditionEvent(
                  type,
                  value,
                  "Class <%s> permits %s, which is no record in (%s.java:1)"
                      .formatted(type.getName(), permitted.getName(), outermost(type))));
        }
      }
    };
  }

  private static String outermost(JavaClass type) {
    String name = type.getName().substring(type.getName().lastIndexOf('.') + 1);
    return name.replaceAll("\\$.*", "");
  }

  private static void check(ArchRule rule) {
    var result = rule.evaluate(PRODUCTION);
    String reason = rule.getDescription().replaceAll("(?s).*, because ", "");
    Violation.assertNone(
        result.getFailureReport().getDetails().stream()
            .map(detail -> located(detail, reason))
            .toList());
  }

  /// Turns ArchUnit's `in (File.java:12)` into a path from the root.
  private static Violation located(String detail, String reason) {
    var place = PLACE.matcher(detail);
    var origin = PACKAGE.matcher(detail);
    if (!place.find() || !origin.find()) {
      return new Violation("?", 0, detail + "; " + reason);
    }
    String ending = origin.group(1).replace('.', '/') + "/" + place.group(1);
    String path =
        Repository.files("java").stream()
            .map(TextFile::path)
            .filter(candidate -> candidate.endsWith("/" + ending))
            .findFirst()
            .orElse(ending);
    int line = Math.max(1, Integer.parseInt(place.group(2)));
    return new Violation(path, line, place.replaceAll("") + "; " + reason);
  }
}
