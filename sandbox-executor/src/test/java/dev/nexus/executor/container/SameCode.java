package dev.nexus.executor.container;

import dev.nexus.executor.code.Language;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Code whose outcome does not depend on where it runs, and code whose does.
enum SameCode {
  INPUT("returns its input", nested(), "return i", "return i"),
  EMPTY("returns what is empty", "1", "return [{}, [], '', null]", "return [{}, [], '', None]"),
  NOTHING("returns nothing", "1", "return", "return"),
  UNICODE(
      "returns text of any script",
      "\"grün € 😀\"",
      "return i + '\\u00df'",
      "return i + '\\u00df'"),
  CONTROLS(
      "returns control characters",
      "1",
      "return '\\u0001\\n\\t\\\"'",
      "return '\\u0001\\n\\t\\\"'"),
  FRACTIONS(
      "calculates with fractions",
      "[0.1, 0.2]",
      "return [i[0] + i[1], 1e21, -0.5e-9]",
      "return [i[0] + i[1], 1e21, -0.5e-9]"),
  INTEGERS(
      "returns whole numbers",
      "1",
      "return [2 ** 53 - 1, -(2 ** 31), 0]",
      "return [2 ** 53 - 1, -(2 ** 31), 0]"),
  BIG_INTEGERS(
      "returns a number of 20 digits as it came", "12345678901234567890", "return i", "return i"),
  MANY_DIGITS("returns a fraction as it came", "1.50", "return i", "return i"),
  KEYS(
      "returns keys in their order",
      "{\"b\":1,\"a\":2}",
      "return { z: 1, ...i, y: 2 }",
      "return {'z': 1, **i, 'y': 2}"),
  PRINTS("prints", "1", "console.log('hello', i); return i", "print('hello', i)\n  return i"),
  WAITS(
      "is asynchronous",
      "1",
      "return Promise.resolve(i).then((n) => n + 1)",
      "import asyncio\n  async def later(): return i + 1\n  return later()",
      Language.PYTHON),
  NOT_JSON("returns what is no JSON", "1", "return 1n", "return {1, 2}"),
  THROWS("throws", "1", "throw new Error('no')", "raise ValueError('no')"),
  THROWS_NOTHING_KNOWN("throws what is no error", "1", "throw 'no'", "raise BaseException('no')"),
  MISUSES("calls what is no function", "1", "return i.x.y", "return i()"),
  DECLINES("declines", "1", "deopt('odd')", "deopt('odd')"),
  DECLINES_AND_CATCHES(
      "declines, and catches errors",
      "1",
      "try { deopt('odd') } finally { i = 2 }",
      "try: deopt('odd')\n  except Exception: return 2"),
  TOO_LARGE("returns more than it may", "1", "return 'x'.repeat(20000)", "return 'x' * 20000"),
  ENDLESS("never ends", "1", "for (;;);", "while True: pass"),
  MEMORY(
      "takes all memory",
      "1",
      "const a = []; for (;;) a.push(new Array(100000).fill(a))",
      "a = []\n  while True: a.append([a] * 10000)"),
  TEXT_THAT_DOUBLES(
      "has a text that doubles",
      "1",
      "let s = 'x'; for (;;) s += s",
      "s = 'x'\n  while True: s += s"),
  LONGEST_TEXT(
      "asks for a text that is too long",
      "1",
      "return 'x'.repeat(2 ** 30)",
      "return 'x' * 2 ** 30"),
  RECURSION("calls itself without an end", "1", "return handle(i) + 1", "return handle(i) + 1"),
  TOOLS("calls a tool that it was not granted", "1", "return tool('x', i)", "return tool('x', i)"),
  A_FILE_THAT_IS_NOT_THERE(
      "opens a file that is not there",
      "1",
      "return require('fs').readFileSync('/no/such')",
      "return open('/no/such').read()"),
  NO_FUNCTION("is no function", "1", null, null),
  NO_CODE("cannot be read", "1", "return )", "return )"),
  CLOCK(
      "reads the clock",
      "1",
      "return Date.now() > 0",
      "import time\n  return time.time() > 0",
      Language.values()),
  CHANCE(
      "uses chance",
      "1",
      "return Math.random() < 1",
      "import random\n  return random.random() < 1",
      Language.values());

  private final String words;
  private final String input;
  private final String javaScript;
  private final String python;
  private final Set<Language> differs;

  SameCode(
      String words,
      String input,
      @Nullable String javaScript,
      @Nullable String python,
      Language... differs) {
    this.words = words;
    this.input = input;
    this.javaScript =
        javaScript == null ? "var handle = 1;" : "function handle(i) { " + javaScript + " }";
    this.python = python == null ? "handle = 1" : "def handle(i):\n  " + python + "\n";
    this.differs = Set.of(differs);
  }

  private static String nested() {
    return "{\"a\":{\"b\":[1,[2,{\"c\":null}],true]}}";
  }

  String words() {
    return words;
  }

  String input() {
    return input;
  }

  /// Whether homes give different outcomes, rightly.
  boolean differs(Language language) {
    return differs.contains(language);
  }

  String source(Language language) {
    return switch (language) {
      case JAVASCRIPT -> javaScript;
      case PYTHON -> python;
    };
  }
}
