package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Documents name what exists: types, files and, for a module, the five things a reader asks.
class DocsTest {
  private static final List<String> HEADINGS =
      List.of(
          "## Purpose", "## Exposes", "## Depends on", "## Topics in/out", "## Start reading here");
  private static final int README_LINES = 60;
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern TYPE = Pattern.compile("[A-Z]\\w*[a-z]\\w*(\\.[A-Z]\\w*)*");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)(?:\\s+\"[^\"]*\")?\\)");
  private static final Pattern PROTO = Pattern.compile("\\b(?:message|enum|service|rpc)\\s+(\\w+)");

  @Test
  void shouldNameOnlyTypesThatExist() {
    Set<String> known = knownTypes();
    Violation.assertNone(
        guides().stream()
            .flatMap(f -> types(f.path(), f.lines(), known::contains).stream())
            .toList());
  }

  @Test
  void shouldLinkOnlyToFilesThatExist() {
    Violation.assertNone(
        Repository.files("md").stream()
            .flatMap(f -> links(f.path(), f.lines(), Repository::exists).stream())
            .toList());
  }

  @Test
  void shouldDescribeEveryModuleUnderTheSameHeadings() {
    var found = new ArrayList<Violation>();
    for (String module : Repository.modules()) {
      String path = module + "/README.md";
      found.addAll(
          Repository.exists(path)
              ? headings(path, new TextFile(path).lines())
              : List.of(new Violation(path, 1, "module without README")));
    }
    Violation.assertNone(found);
  }

  @Test
  void shouldListEveryDecisionInTheIndex() {
    String index = new TextFile("docs/adr/README.md").text();
    Violation.assertNone(
        Repository.files("md").stream()
            .filter(f -> f.path().matches("docs/adr/\\d.*"))
            .flatMap(f -> decision(f, index).stream())
            .toList());
  }

  @Test
  void shouldReportEachRuleAtItsLine() {
    // Given
    var lines =
        List.of("`Gone` and `Here.Inner`, `not a type`", "```", "`Fenced`", "```", "[a](b.md)");

    // When
    var found = new ArrayList<>(types("R.md", lines, Set.of("Here", "Inner")::contains));
    found.addAll(links("docs/R.md", lines, _ -> false));
    found.addAll(headings("R.md", List.of("## Purpose", "", "## Exposes")));

    // Then
    assertThat(found)
        .extracting(Violation::toString)
        .containsExactly(
            "R.md:1: type Gone does not exist",
            "docs/R.md:5: link to b.md leads nowhere",
            "R.md:1: headings must be Purpose · Exposes · Depends on · Topics in/out · Start"
                + " reading here");
  }

  /// The documents that describe code by type name.
  private static List<TextFile> guides() {
    var paths = new ArrayList<String>(List.of("ARCHITECTURE.md"));
    Repository.modules().forEach(module -> paths.add(module + "/README.md"));
    return paths.stream().filter(Repository::exists).map(TextFile::new).toList();
  }

  private static Set<String> knownTypes() {
    var known = new HashSet<String>();
    Types.in(JavaFile.all()).forEach(type -> known.add(type.name()));
    for (TextFile proto : Repository.files("proto")) {
      PROTO.matcher(proto.text()).results().forEach(match -> known.add(match.group(1)));
    }
    try (var external = DocsTest.class.getResourceAsStream("external-types.txt")) {
      new String(external.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .forEach(known::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return known;
  }

  private static List<Violation> types(String path, List<String> lines, Predicate<String> known) {
    var found = new ArrayList<Violation>();
    for (Prose prose : prose(lines)) {
      var code = CODE.matcher(prose.text());
      while (code.find()) {
        if (TYPE.matcher(code.group(1)).matches()) {
          for (String name : List.of(code.group(1).split("\\."))) {
            if (!known.test(name)) {
              found.add(new Violation(path, prose.line(), "type " + name + " does not exist"));
            }
          }
        }
      }
    }
    return found;
  }

  private static List<Violation> links(String path, List<String> lines, Predicate<String> exists) {
    var found = new ArrayList<Violation>();
    Path directory = Path.of(new TextFile(path).directory());
    for (Prose prose : prose(lines)) {
      var link = LINK.matcher(prose.text());
      while (link.find()) {
        String target = link.group(1).replaceAll("#.*", "");
        boolean local = !target.isEmpty() && !target.matches("[a-z]+:.*");
        if (local
            && !exists.test(directory.resolve(target).normalize().toString().replace('\\', '/'))) {
          found.add(new Violation(path, prose.line(), "link to " + target + " leads nowhere"));
        }
      }
    }
    return found;
  }

  private static List<Violation> headings(String path, List<String> lines) {
    var found = new ArrayList<Violation>();
    if (!lines.stream().filter(line -> line.startsWith("## ")).toList().equals(HEADINGS)) {
      String wanted = String.join(" · ", HEADINGS).replace("## ", "");
      found.add(new Violation(path, 1, "headings must be " + wanted));
    }
    if (lines.size() > README_LINES) {
      found.add(
          new Violation(
              path,
              lines.size(),
              "README has " + lines.size() + " lines, at most " + README_LINES));
    }
    return found;
  }

  private static List<Violation> decision(TextFile file, String index) {
    var found = new ArrayList<Violation>();
    if (!file.name().matches("\\d{4}-[a-z0-9-]+\\.md")) {
      found.add(new Violation(file.path(), 1, "decision not named NNNN-title.md"));
    }
    if (!index.contains("](" + file.name() + ")")) {
      found.add(new Violation(file.path(), 1, "decision missing in docs/adr/README.md"));
    }
    return found;
  }

  private record Prose(int line, String text) {}

  /// The lines outside fenced blocks.
  private static List<Prose> prose(List<String> lines) {
    var found = new ArrayList<Prose>();
    boolean fenced = false;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().startsWith("```")) {
        fenced = !fenced;
      } else if (!fenced) {
        found.add(new Prose(i + 1, lines.get(i)));
      }
    }
    return found;
  }
}
