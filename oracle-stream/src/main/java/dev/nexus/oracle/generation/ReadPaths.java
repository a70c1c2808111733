package dev.nexus.oracle.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The paths of the input that a source mentions, such as `repository.owner.type`, followed through
/// plain variables, destructuring and calls of its own functions. A light reading: a path that is
/// missed gets no guard, and evidence has to show the harm.
///
/// @param paths every path read, with all paths above it
/// @param lookups paths whose value is the key of a table the code looks its answer up in
record ReadPaths(SortedSet<String> paths, SortedSet<String> lookups) {
  private static final String NAME = "[A-Za-z_$][\\w$]*";
  private static final String CHAIN = NAME + "(?:\\s*(?:\\?\\.|\\.)\\s*" + NAME + ")*";
  private static final Pattern MEMBERS = Pattern.compile("(?<![\\w$.])(" + CHAIN + ")\\s*(\\(?)");
  private static final Pattern ASSIGNED =
      Pattern.compile(
          "(?:\\b(?:const|let|var)\\s+|[;{}(,]\\s*)("
              + NAME
              + ")\\s*=(?!=)\\s*\\(?\\s*("
              + CHAIN
              + ")");
  private static final Pattern DESTRUCTURED =
      Pattern.compile("\\{([^{}]*)}\\s*=(?!=)\\s*\\(?\\s*(" + CHAIN + ")");
  private static final Pattern LOOKED_UP =
      Pattern.compile("(?<![\\w$.])(" + NAME + ")\\s*(?:\\?\\.)?\\[\\s*(" + CHAIN + ")\\s*]");
  private static final Pattern FUNCTION =
      Pattern.compile(
          "\\bfunction\\s+("
              + NAME
              + ")\\s*\\(([^)]*)\\)"
              + "|\\b(?:const|let|var)\\s+("
              + NAME
              + ")\\s*=\\s*\\(?([^()=;]*?)\\)?\\s*=>");
  private static final Pattern EMPTY_DEFAULT =
      Pattern.compile("=\\s*(?:\\{\\s*}|\\[\\s*])(?=\\s*[,})])");
  private static final Set<String> PROPERTIES_OF_ALL_VALUES = Set.of("length");
  private static final int ROUNDS = 8;

  public ReadPaths {
    paths = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(paths));
    lookups = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(lookups));
  }

  /// Reads `source`; `declared` are paths the generator named itself.
  public static ReadPaths in(String source, List<String> declared) {
    return new Reading(SourceText.withoutTexts(source)).read(declared);
  }

  /// One reading; `known` maps a variable to the path it holds, the input itself being "".
  private static final class Reading {
    private final String code;
    private final Map<String, String> known = new HashMap<>();
    private final Map<String, List<String>> functions = new HashMap<>();

    Reading(String code) {
      this.code = EMPTY_DEFAULT.matcher(code).replaceAll("");
    }

    ReadPaths read(List<String> declared) {
      findFunctions();
      for (int round = 0; round < ROUNDS; round++) {
        int before = known.size();
        followVariables();
        followCalls();
        if (known.size() == before) {
          break;
        }
      }
      SortedSet<String> paths = new TreeSet<>();
      members().forEach(path -> addWithParents(path, paths));
      declared.forEach(path -> addWithParents(plain(path), paths));
      return new ReadPaths(paths, lookups(paths));
    }

    private void findFunctions() {
      Matcher found = FUNCTION.matcher(code);
      while (found.find()) {
        String name = found.group(1) == null ? found.group(3) : found.group(1);
        String parameters = found.group(1) == null ? found.group(4) : found.group(2);
        functions.put(name, List.of(parameters.split(",(?![^{]*})")));
      }
      List<String> handle = functions.getOrDefault("handle", List.of());
      if (!handle.isEmpty()) {
        bind(handle.getFirst(), "");
      }
    }

    /// Lets a variable or a destructuring pattern hold the value at `path`.
    private void bind(String target, String path) {
      String pattern = target.strip();
      if (pattern.startsWith("{")) {
        bindNames(pattern.replaceAll("[{}]", ""), path);
      } else {
        String name = pattern.replaceAll("\\s*=.*", "").strip();
        if (name.matches(NAME)) {
          known.putIfAbsent(name, path);
        }
      }
    }

    private void bindNames(String names, String path) {
      for (String part : names.split(",")) {
        String[] pair = part.replaceAll("=.*", "").split(":", 2);
        String property = pair[0].strip();
        String variable = pair.length == 2 ? pair[1].strip() : property;
        if (property.matches(NAME) && variable.matches(NAME)) {
          known.putIfAbsent(variable, join(path, property));
        }
      }
    }

    private void followVariables() {
      Matcher assigned = ASSIGNED.matcher(code);
      while (assigned.find()) {
        String path = resolve(assigned.group(2), false);
        if (path != null) {
          known.putIfAbsent(assigned.group(1), path);
        }
      }
      Matcher destructured = DESTRUCTURED.matcher(code);
      while (destructured.find()) {
        String path = resolve(destructured.group(2), false);
        if (path != null) {
          bindNames(destructured.group(1), path);
        }
      }
    }

    private void followCalls() {
      functions.forEach(
          (name, parameters) -> {
            Matcher call =
                Pattern.compile("(?<![\\w$.])" + Pattern.quote(name) + "\\s*\\(([^()]*)\\)")
                    .matcher(code);
            while (call.find()) {
              String[] arguments = call.group(1).split(",");
              for (int i = 0; i < Math.min(arguments.length, parameters.size()); i++) {
                String argument = arguments[i].strip();
                String path = argument.matches(CHAIN) ? resolve(argument, false) : null;
                if (path != null) {
                  bind(parameters.get(i), path);
                }
              }
            }
          });
    }

    private List<String> members() {
      List<String> paths = new ArrayList<>(known.values());
      Matcher found = MEMBERS.matcher(code);
      while (found.find()) {
        String path = resolve(found.group(1), !found.group(2).isEmpty());
        if (path != null) {
          paths.add(path);
        }
      }
      return paths;
    }

    private SortedSet<String> lookups(SortedSet<String> paths) {
      SortedSet<String> lookups = new TreeSet<>();
      Matcher found = LOOKED_UP.matcher(code);
      while (found.find()) {
        String path = resolve(found.group(2), false);
        if (path != null && paths.contains(path) && !known.containsKey(found.group(1))) {
          lookups.add(path);
        }
      }
      return lookups;
    }

    /// The path of a chain such as `repo?.owner.type`; null when it does not start at the input.
    private @org.jspecify.annotations.Nullable String resolve(String chain, boolean called) {
      List<String> names =
          new ArrayList<>(Arrays.asList(chain.replaceAll("\\s", "").split("\\??\\.")));
      String start = known.get(names.removeFirst());
      if (start == null) {
        return null;
      }
      if (called && !names.isEmpty()) {
        names.removeLast();
      }
      String path = start;
      for (String name : names) {
        if (PROPERTIES_OF_ALL_VALUES.contains(name)) {
          break;
        }
        path = join(path, name);
      }
      return path;
    }
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String plain(String declared) {
    return declared.strip().replaceAll("^(\\$|input)(\\.|$)", "").replaceAll("\\[.*", "");
  }

  private static void addWithParents(String path, SortedSet<String> paths) {
    String rest = path;
    while (!rest.isEmpty() && paths.add(rest)) {
      int dot = rest.lastIndexOf('.');
      rest = dot < 0 ? "" : rest.substring(0, dot);
    }
  }
}
