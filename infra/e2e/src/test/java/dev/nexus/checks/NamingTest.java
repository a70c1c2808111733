package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.Tree.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Names carry a role; these say only that their author had none in mind.
class NamingTest {
  private static final Map<Pattern, String> BANNED =
      Map.of(
          Pattern.compile(".*Manager"), "say what it does, not that it manages",
          Pattern.compile(".*Utils?"), "give the function to the type it serves",
          Pattern.compile(".*Helper"), "say what it helps with",
          Pattern.compile(".*Impl"), "say how it differs from other implementations",
          Pattern.compile("Base[A-Z].*"), "prefer composition, or say what it is",
          Pattern.compile(".*V\\d+"), "one version in code; codecs upcast older ones");
  private static final Set<String> TESTS = Set.of("Test", "ParameterizedTest", "Property");
  private static final Pattern PREFIXED = Pattern.compile("I[A-Z][a-z]\\w*");

  @Test
  void shouldNameTypesByRole() {
    Violation.assertNone(check(JavaFile.main()));
  }

  @Test
  void shouldReportBannedNames() {
    // Given
    var file =
        JavaFile.parse(
            "m/src/main/java/A.java",
            """
            package dev.nexus.common;
            class KeyManager {
              interface IStore {}
              record Input() {}
              class BaseStore {}
              class Baseline {}
            }
            """);

    // When
    var found = check(List.of(file));

    // Then
    assertThat(found)
        .extracting(Violation::toString)
        .containsExactly(
            "m/src/main/java/A.java:1: package named common, name the feature",
            "m/src/main/java/A.java:2: KeyManager: say what it does, not that it manages",
            "m/src/main/java/A.java:3: IStore: an interface carries no prefix",
            "m/src/main/java/A.java:5: BaseStore: prefer composition, or say what it is");
  }

  @Test
  void shouldNameTestsByBehaviour() {
    Violation.assertNone(tests(JavaFile.all().stream().filter(f -> !f.isMain()).toList()));
  }

  @Test
  void shouldReportATestNamedByWhatItCalls() {
    // Given
    var file =
        JavaFile.parse(
            "m/src/test/java/ATest.java",
            """
            class ATest {
              @Test void shouldHold() {}
              @Test
              void testClose() {}
              void close() {}
            }
            """);

    // Then
    assertThat(tests(List.of(file)))
        .extracting(Violation::toString)
        .containsExactly("m/src/test/java/ATest.java:3: testClose: a test says what should be");
  }

  private static List<Violation> tests(List<JavaFile> files) {
    var found = new ArrayList<Violation>();
    for (var type : Types.in(files)) {
      for (Tree member : type.tree().getMembers()) {
        if (member instanceof MethodTree method
            && method.getModifiers().getAnnotations().stream()
                .anyMatch(a -> TESTS.contains(a.getAnnotationType().toString()))
            && !method.getName().toString().startsWith("should")) {
          found.add(
              type.file().violation(method, method.getName() + ": a test says what should be"));
        }
      }
    }
    return found;
  }

  private static List<Violation> check(List<JavaFile> files) {
    var found = new ArrayList<Violation>();
    for (JavaFile file : files) {
      if (List.of(file.packageName().split("\\.")).contains("common")) {
        found.add(new Violation(file.path(), 1, "package named common, name the feature"));
      }
    }
    for (var type : Types.in(files)) {
      BANNED.forEach(
          (name, advice) -> {
            if (name.matcher(type.name()).matches()) {
              found.add(type.file().violation(type.tree(), type.name() + ": " + advice));
            }
          });
      if (type.tree().getKind() == Kind.INTERFACE && PREFIXED.matcher(type.name()).matches()) {
        found.add(
            type.file().violation(type.tree(), type.name() + ": an interface carries no prefix"));
      }
    }
    return found;
  }
}
