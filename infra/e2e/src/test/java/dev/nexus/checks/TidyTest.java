package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BindingPatternTree;
import com.sun.source.tree.CaseLabelTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.DeconstructionPatternTree;
import com.sun.source.tree.DefaultCaseLabelTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.PatternCaseLabelTree;
import com.sun.source.tree.PatternTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Budgets on size, and the small habits that keep a tree readable.
class TidyTest {
  private static final int MAIN_LINES = 400;
  private static final int TEST_LINES = 500;
  private static final int METHOD_LINES = 60;
  private static final Pattern MARKER = Pattern.compile("\\b(TODO|FIXME)\\b(\\(#\\d+\\))?");
  private static final String LONE_WORD = "/// [A-Za-z]\\S*";
  private static final int LONG_LINE = 80;
  private static final String[] SOURCES = {
    "java", "proto", "lua", "js", "css", "html", "py", "yaml", "yml", "sh"
  };

  @Test
  void shouldKeepFilesShort() {
    Violation.assertNone(JavaFile.all().stream().flatMap(f -> length(f).stream()).toList());
  }

  @Test
  void shouldKeepMethodsShort() {
    Violation.assertNone(JavaFile.all().stream().flatMap(f -> methods(f).stream()).toList());
  }

  @Test
  void shouldIndentWithoutTabs() {
    Violation.assertNone(
        Repository.files("java", "xml", "proto", "yaml", "yml").stream()
            .flatMap(f -> tabs(f.path(), f.lines()).stream())
            .toList());
  }

  @Test
  void shouldTieOpenWorkToAnIssue() {
    Violation.assertNone(
        Repository.files(SOURCES).stream()
            .filter(f -> !f.path().contains("/dev/nexus/checks/"))
            .flatMap(f -> markers(f.path(), f.lines()).stream())
            .toList());
  }

  @Test
  void shouldKeepDocumentationWhole() {
    Violation.assertNone(
        JavaFile.all().stream()
            .flatMap(f -> brokenDocumentation(f.path(), f.text().lines().toList()).stream())
            .toList());
  }

  @Test
  void shouldSwitchOverSealedTypesWithoutDefault() {
    Set<String> families = Types.sealedFamilies(Types.in(JavaFile.all()));
    Violation.assertNone(
        JavaFile.main().stream().flatMap(f -> defaults(f, families).stream()).toList());
  }

  @Test
  void shouldReportEachRuleAtItsLine() {
    // Given
    var body = "    int x = 1;\n".repeat(METHOD_LINES);
    var text = "class A {\n  void b() {\n" + body + "  }\n}\n" + "\n".repeat(MAIN_LINES);
    var file = JavaFile.parse("m/src/main/java/A.java", text);

    // When
    var found = new ArrayList<>(length(file));
    found.addAll(methods(file));
    found.addAll(tabs("a.xml", List.of("", "\t<a/>")));
    found.addAll(markers("a.js", List.of("// TODO later", "// TODO(#7) later", "// FIXME")));
    found.addAll(brokenDocumentation("A.java", List.of("/// A line", "// too long", "class A {}")));
    var wide = "/// " + "word ".repeat(17);
    found.addAll(brokenDocumentation("B.java", List.of(wide, "/// lone", "/// and so on.")));

    // Then
    assertThat(found)
        .extracting(Violation::toString)
        .containsExactly(
            "m/src/main/java/A.java:464: file has 464 lines, at most 400",
            "m/src/main/java/A.java:2: method b has 62 lines, at most 60",
            "a.xml:2: tab",
            "a.js:1: TODO without issue number, write TODO(#7)",
            "a.js:3: FIXME",
            "A.java:2: // right after ///, mvn spotless:apply makes it documentation",
            "B.java:2: one word on a line of a paragraph, wrap it anew");
  }

  @Test
  void shouldReportDefaultOnlyInASwitchOverASealedFamily() {
    // Given
    var file =
        JavaFile.parse(
            "m/src/main/java/A.java",
            """
            sealed interface A {
              record B(int i) implements A {}
              static int sealed(A a) {
                return switch (a) {
                  case B(var i) -> i;
                  default -> 0;
                };
              }
              static int open(Object o) {
                return switch (o) {
                  case String s -> s.length();
                  default -> 0;
                };
              }
            }
            """);

    // When
    var found = defaults(file, Types.sealedFamilies(Types.in(List.of(file))));

    // Then
    assertThat(found)
        .extracting(Violation::toString)
        .containsExactly(
            "m/src/main/java/A.java:4: default in a switch over a sealed type, name every case");
  }

  private static List<Violation> length(JavaFile file) {
    int budget = file.isMain() ? MAIN_LINES : TEST_LINES;
    int lines = (int) file.text().lines().count();
    return lines <= budget
        ? List.of()
        : List.of(
            new Violation(file.path(), lines, "file has " + lines + " lines, at most " + budget));
  }

  private static List<Violation> methods(JavaFile file) {
    var found = new ArrayList<Violation>();
    new TreeScanner<Void, Void>() {
      @Override
      public Void visitMethod(MethodTree method, Void unused) {
        int lines = file.lastLine(method) - file.firstLine(method) + 1;
        if (lines > METHOD_LINES) {
          found.add(
              file.violation(
                  method,
                  "method %s has %d lines, at most %d"
                      .formatted(method.getName(), lines, METHOD_LINES)));
        }
        return super.visitMethod(method, null);
      }
    }.scan(file.tree(), null);
    return found;
  }

  private static List<Violation> tabs(String path, List<String> lines) {
    var found = new ArrayList<Violation>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).indexOf('\t') >= 0) {
        found.add(new Violation(path, i + 1, "tab"));
      }
    }
    return found;
  }

  private static List<Violation> markers(String path, List<String> lines) {
    var found = new ArrayList<Violation>();
    for (int i = 0; i < lines.size(); i++) {
      var marker = MARKER.matcher(lines.get(i));
      while (marker.find()) {
        if (marker.group(1).equals("FIXME")) {
          found.add(new Violation(path, i + 1, "FIXME"));
        } else if (marker.group(2) == null) {
          found.add(new Violation(path, i + 1, "TODO without issue number, write TODO(#7)"));
        }
      }
    }
    return found;
  }

  /// The bare formatter wraps a long `///` line into a `//` line, which is no documentation.
  private static List<Violation> brokenDocumentation(String path, List<String> lines) {
    var found = new ArrayList<Violation>();
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i - 1).strip().startsWith("///")
          && lines.get(i).strip().matches("//([^/].*)?")) {
        var rule = "// right after ///, mvn spotless:apply makes it documentation";
        found.add(new Violation(path, i + 1, rule));
      }
      if (i + 1 < lines.size()
          && lines.get(i).strip().matches(LONE_WORD)
          && lines.get(i - 1).strip().startsWith("/// ")
          && lines.get(i - 1).length() > LONG_LINE
          && lines.get(i + 1).strip().startsWith("/// ")) {
        found.add(new Violation(path, i + 1, "one word on a line of a paragraph, wrap it anew"));
      }
    }
    return found;
  }

  private static List<Violation> defaults(JavaFile file, Set<String> families) {
    var found = new ArrayList<Violation>();
    new TreeScanner<Void, Void>() {
      @Override
      public Void visitSwitch(SwitchTree tree, Void unused) {
        check(tree, tree.getCases());
        return super.visitSwitch(tree, null);
      }

      @Override
      public Void visitSwitchExpression(SwitchExpressionTree tree, Void unused) {
        check(tree, tree.getCases());
        return super.visitSwitchExpression(tree, null);
      }

      private void check(Tree tree, List<? extends CaseTree> cases) {
        var labels = cases.stream().flatMap(c -> c.getLabels().stream()).toList();
        if (labels.stream().anyMatch(DefaultCaseLabelTree.class::isInstance)
            && labels.stream().map(TidyTest::matchedType).anyMatch(families::contains)) {
          found.add(
              file.violation(tree, "default in a switch over a sealed type, name every case"));
        }
      }
    }.scan(file.tree(), null);
    return found;
  }

  /// The simple name of the type a label matches, or an empty text if it matches a constant.
  private static String matchedType(CaseLabelTree label) {
    PatternTree pattern = label instanceof PatternCaseLabelTree p ? p.getPattern() : null;
    return switch (pattern) {
      case DeconstructionPatternTree record -> Types.simpleName(record.getDeconstructor());
      case BindingPatternTree binding -> Types.simpleName(binding.getVariable().getType());
      case null, default -> "";
    };
  }
}
