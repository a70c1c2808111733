package dev.nexus.oracle.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReadPathsTest {

  @Test
  void shouldFollowPlainVariables() {
    assertThat(
            paths(
                """
                function handle(input) {
                  const payload = input.payload;
                  let owner = payload.repository?.owner;
                  return { scope: owner.type === "Organization", action: payload["action"] ?? null };
                }
                """))
        .containsExactly(
            "payload",
            "payload.action",
            "payload.repository",
            "payload.repository.owner",
            "payload.repository.owner.type");
  }

  @Test
  void shouldFollowDestructuring() {
    assertThat(
            paths(
                """
                function handle({ event, payload }) {
                  const { repository: repo, sender = {} } = payload;
                  return repo.name + sender.login + event;
                }
                """))
        .containsExactly(
            "event",
            "payload",
            "payload.repository",
            "payload.repository.name",
            "payload.sender",
            "payload.sender.login");
  }

  @Test
  void shouldFollowItsOwnFunctions() {
    assertThat(
            paths(
                """
                const scopeOf = (repo) => repo.owner.type;
                function nameOf(r) { return r.full_name; }
                const handle = (input) => ({ s: scopeOf(input.repository), n: nameOf(input.repository) });
                """))
        .containsExactly(
            "repository", "repository.full_name", "repository.owner", "repository.owner.type");
  }

  @Test
  void shouldNotTakeMethodsAndLengthForProperties() {
    assertThat(
            paths(
                """
                function handle(input) {
                  return input.ref.replace("refs/heads/", "") + input.commits.length
                    + Math.max(input.n, 1);
                }
                """))
        .containsExactly("commits", "n", "ref");
  }

  @Test
  void shouldIgnoreCommentsAndTexts() {
    assertThat(
            paths(
                """
                // input.comment
                function handle(input) { /* input.other */ return "input.text" + input.real; }
                """))
        .containsExactly("real");
  }

  @Test
  void shouldTakeWhatTheGeneratorDeclares() {
    var reads =
        ReadPaths.in("function handle(x) { return x.a; }", List.of("$.b.c", "input.d[0].e"));

    assertThat(reads.paths()).containsExactly("a", "b", "b.c", "d");
  }

  @Test
  void shouldFindWhatIsLookedUp() {
    var reads =
        ReadPaths.in(
            """
            const KINDS = { push: 1, fork: 2 };
            function handle(input) { return KINDS[input.event] + input.names[input.index]; }
            """,
            List.of());

    assertThat(reads.lookups()).containsExactly("event");
  }

  private static Iterable<String> paths(String source) {
    return ReadPaths.in(source, List.of()).paths();
  }
}
