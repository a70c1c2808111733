package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.config.Setting;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Documents name what exists: types, files, topics, commands, settings and, for a module, the five
/// things a reader asks.
class DocsTest {
  private static final List<String> HEADINGS =
      List.of(
          "## Purpose", "## Exposes", "## Depends on", "## Topics in/out", "## Start reading here");
  private static final int README_LINES = 60;
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern TYPE = Pattern.compile("[A-Z]\\w*[a-z]\\w*(\\.[A-Z]\\w*)*");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)(?:\\s+\"[^\"]*\")?\\)");
  private static final Pattern PROTO = Pattern.compile("\\b(?:message|enum|service|rpc)\\s+(\\w+)");

  private static final Pattern NAME =
      Pattern.compile("(?<![\\w./-])nexus(?:\\.[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*)+");
  private static final Pattern QUOTED_NAME =
      Pattern.compile("\"(nexus(?:\\.[a-z][a-z0-9-]*)+)[\".]");
  private static final Pattern PROTO_PACKAGE = Pattern.compile("package (nexus[.\\w]*);");
  private static final Pattern SETTING = Pattern.compile("NEXUS_[A-Z0-9_]*[A-Z0-9]");
  private static final String SETTINGS =
      "infra/platform/src/main/java/dev/nexus/platform/config/Settings.java";
  private static final Pattern ANY_SETTING = Pattern.compile("NEXUS_(SECRET|KAFKA)_.*");
  private static final Pattern CALL =
      Pattern.compile("\\./nexus ([a-z]+(?:-[a-z]+)*)(?: ([a-z]+)(?![\\w/]))?");
  private static final String FAULTS = "docs/failure-modes.md";
  private static final String PRINTING = "(?:rig\\.through(?:Once)?|report\\.add)\\(";
  private static final Pattern PRINTS = Pattern.compile(PRINTING);
  private static final Pattern FAULT = Pattern.compile(PRINTING + "\\s*\"([^\"]+)\"");
  private static final Pattern QUOTED = Pattern.compile("\"([^\"\n]+)\"");
  private static final Pattern ROW = Pattern.compile("\\| (.+?) \\|.*");
  private static final Pattern TEST = Pattern.compile("(\\w+(?:Test|IT))\\.java");
  private static final Pattern COMMAND = Pattern.compile("@Command\\(\\s*name = \"([a-z-]+)\"");

  @Test
  void shouldNameOnlyTypesThatExist() {
    Set<String> known = knownTypes();
    Violation.assertNone(
        Repository.files("md").stream()
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
  void shouldNameOnlyTopicsThatExist() {
    Set<String> known = knownNames();
    Violation.assertNone(
        Repository.files("md").stream()
            .flatMap(f -> names(f.path(), f.lines(), known).stream())
            .toList());
  }

  @Test
  void shouldNameOnlyCommandsThatExist() {
    Map<String, Set<String>> known = knownCommands();
    Violation.assertNone(
        Repository.files("md").stream()
            .flatMap(f -> commands(f.path(), f.lines(), known).stream())
            .toList());
  }

  /// In documents, and in what programs say: a message that names a setting is the mend of
  /// something.
  @Test
  void shouldNameOnlySettingsThatExist() {
    Set<String> known =
        Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
    for (String declaring : List.of(SETTINGS, "nexus")) {
      known.addAll(settings(new TextFile(declaring).text()));
    }
    var found = new ArrayList<Violation>();
    for (TextFile file : Repository.files("md")) {
      found.addAll(settings(file.path(), file.lines(), known));
    }
    for (JavaFile file : JavaFile.main()) {
      found.addAll(settings(file.path(), file.text().lines().toList(), known));
    }
    Violation.assertNone(found);
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

  /// Under the name that is printed, or with it where one row is for several.
  @Test
  void shouldDescribeEveryFaultThatIsTested() {
    String described = new TextFile(FAULTS).text();
    var found = new ArrayList<Violation>();
    for (JavaFile file : JavaFile.all()) {
      FAULT
          .matcher(new TextFile(file.path()).text())
          .results()
          .map(match -> match.group(1))
          .filter(fault -> !described.contains("| " + fault + " |"))
          .filter(fault -> !described.contains("`" + fault + "`"))
          .forEach(fault -> found.add(new Violation(file.path(), 1, FAULTS + " lacks: " + fault)));
    }
    Violation.assertNone(found);
  }

  /// And no other: each names its tests, or is called what one of them prints.
  @Test
  void shouldTestEveryFaultThatIsDescribed() {
    List<Prose> described = faults(new TextFile(FAULTS).lines());
    assertThat(described).isNotEmpty();
    Violation.assertNone(untested(FAULTS, described, tests(), printed()));
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
    found.addAll(
        names(
            "R.md",
            List.of("nexus.tasks.* nexus.gone dev.nexus.code", "## Topics in/out", "nexus.app"),
            Set.of("nexus.tasks.model", "nexus.app")));
    found.addAll(
        commands(
            "R.md",
            List.of("./nexus keys list ./nexus keys lost ./nexus fly ./nexus up now"),
            Map.of("keys", Set.of("list", "revoke"), "up", Set.of())));
    found.addAll(
        settings("A.java", List.of("", "\"set NEXUS_GONE or NEXUS_HERE\""), Set.of("NEXUS_HERE")));
    found.addAll(links("docs/R.md", lines, _ -> false));
    found.addAll(headings("R.md", List.of("## Purpose", "", "## Exposes")));
    var rows = List.of("| fault |", "| lost | `AnIT` |", "| by `AnIT` |", "| told |", "", "| a |");
    found.addAll(untested("F.md", faults(rows), Set.of("AnIT"), Set.of("told")));

    // Then
    assertThat(found)
        .extracting(Violation::toString)
        .containsExactly(
            "R.md:1: type Gone does not exist",
            "R.md:1: name nexus.gone does not exist",
            "R.md:3: topic nexus.app does not exist",
            "R.md:1: command keys lost does not exist",
            "R.md:1: command fly does not exist",
            "A.java:2: setting NEXUS_GONE does not exist",
            "docs/R.md:5: link to b.md leads nowhere",
            "R.md:1: headings must be Purpose · Exposes · Depends on · Topics in/out · Start"
                + " reading here",
            "F.md:2: no test is for: lost");
  }

  /// Names of topics, applications, counters and packages, as the code and the protos spell them.
  private static Set<String> knownNames() {
    var known = new HashSet<String>();
    for (JavaFile file : JavaFile.main()) {
      QUOTED_NAME
          .matcher(new TextFile(file.path()).text())
          .results()
          .forEach(match -> known.add(match.group(1)));
    }
    for (TextFile proto : Repository.files("proto")) {
      PROTO_PACKAGE.matcher(proto.text()).results().forEach(match -> known.add(match.group(1)));
    }
    return known;
  }

  /// Under the heading for topics only topics count; `nexus.tasks.*` stands for all that begin so.
  private static List<Violation> names(String path, List<String> lines, Set<String> known) {
    Set<String> topics =
        Arrays.stream(Topic.values()).map(Topic::topicName).collect(Collectors.toSet());
    var found = new ArrayList<Violation>();
    boolean ofTopics = false;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("#")) {
        ofTopics = lines.get(i).equals("## Topics in/out");
      }
      for (MatchResult match : NAME.matcher(lines.get(i)).results().toList()) {
        String name = match.group();
        Set<String> allowed = ofTopics ? topics : known;
        if (allowed.stream().noneMatch(k -> k.equals(name) || k.startsWith(name + "."))) {
          String what = ofTopics ? "topic " : "name ";
          found.add(new Violation(path, i + 1, what + name + " does not exist"));
        }
      }
    }
    return found;
  }

  /// Each command with those below it: a file declares both.
  private static Map<String, Set<String>> knownCommands() {
    var known = new HashMap<String, Set<String>>();
    known.put("test", Set.of());
    known.put("images", Set.of());
    for (JavaFile file : JavaFile.main()) {
      List<String> names =
          COMMAND
              .matcher(new TextFile(file.path()).text())
              .results()
              .map(match -> match.group(1))
              .toList();
      if (!names.isEmpty()) {
        known.put(names.getFirst(), Set.copyOf(names.subList(1, names.size())));
      }
    }
    return known;
  }

  private static List<Violation> commands(
      String path, List<String> lines, Map<String, Set<String>> known) {
    var found = new ArrayList<Violation>();
    for (int i = 0; i < lines.size(); i++) {
      for (MatchResult call : CALL.matcher(lines.get(i)).results().toList()) {
        Set<String> below = known.get(call.group(1));
        boolean wrong =
            below == null
                || !below.isEmpty() && call.group(2) != null && !below.contains(call.group(2));
        if (wrong) {
          String name = below == null ? call.group(1) : call.group(1) + " " + call.group(2);
          found.add(new Violation(path, i + 1, "command " + name + " does not exist"));
        }
      }
    }
    return found;
  }

  private static List<Violation> settings(String path, List<String> lines, Set<String> known) {
    var found = new ArrayList<Violation>();
    for (int i = 0; i < lines.size(); i++) {
      for (String name : settings(lines.get(i))) {
        if (!known.contains(name) && !ANY_SETTING.matcher(name).matches()) {
          found.add(new Violation(path, i + 1, "setting " + name + " does not exist"));
        }
      }
    }
    return found;
  }

  private static Set<String> settings(String text) {
    return SETTING.matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
  }

  /// The first column of each row of a table of faults.
  private static List<Prose> faults(List<String> lines) {
    var found = new ArrayList<Prose>();
    boolean ofFaults = false;
    for (int i = 0; i < lines.size(); i++) {
      var row = ROW.matcher(lines.get(i));
      if (lines.get(i).isBlank()) {
        ofFaults = false;
      } else if (row.matches() && row.group(1).equals("fault")) {
        ofFaults = true;
      } else if (ofFaults && row.matches()) {
        found.add(new Prose(i + 1, row.group(1)));
      }
    }
    return found;
  }

  private static List<Violation> untested(
      String path, List<Prose> faults, Set<String> tests, Set<String> printed) {
    var found = new ArrayList<Violation>();
    for (Prose fault : faults) {
      boolean named =
          CODE.matcher(fault.text()).results().anyMatch(code -> tests.contains(code.group(1)));
      if (!named && !printed.contains(fault.text())) {
        found.add(new Violation(path, fault.line(), "no test is for: " + fault.text()));
      }
    }
    return found;
  }

  private static Set<String> tests() {
    return JavaFile.all().stream()
        .filter(file -> !file.isMain())
        .map(file -> TEST.matcher(new TextFile(file.path()).name()))
        .filter(Matcher::matches)
        .map(name -> name.group(1))
        .collect(Collectors.toSet());
  }

  /// All texts of those that print what they measured, as not each gives the name where it prints.
  private static Set<String> printed() {
    return JavaFile.all().stream()
        .map(JavaFile::text)
        .filter(text -> PRINTS.matcher(text).find())
        .flatMap(text -> QUOTED.matcher(text).results())
        .map(match -> match.group(1))
        .collect(Collectors.toSet());
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
