package dev.nexus.command.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.ApplicationFiles;
import dev.nexus.command.definition.ApplicationLoader;
import dev.nexus.command.definition.LoadResult;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.service.RunsContainers;
import dev.nexus.platform.service.RunsPrompts;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UnservedTest {
  private static final Optional<RunsPrompts> WITHOUT = Optional.of(new RunsPrompts("no model"));
  private static final Optional<RunsPrompts> WITH = Optional.of(new RunsPrompts(""));

  private static final String ECHO =
      "  - {componentId: echo, handlerType: BUILTIN, taskDetails: {function: echo}}\n";

  private static String prompt(String name) {
    return "  - {componentId: " + name + ", handlerType: LLM, taskDetails: {template: Sort it}}\n";
  }

  private static ApplicationDefinition application(String components) {
    var files =
        ApplicationFiles.of(
            Map.of("app_definition.yaml", "appId: shop\ncomponents:\n" + components));
    return switch (new ApplicationLoader(new SchemaChecks(), "small").load(files)) {
      case LoadResult.Loaded loaded -> loaded.application();
      case LoadResult.Refused(var faults) -> throw new AssertionError(faults);
    };
  }

  @Test
  void shouldNameThePromptsThatNoModelAnswers() {
    assertThat(Unserved.of(application(ECHO + prompt("sort")), WITHOUT, Optional.empty()))
        .contains("the prompt of sort fails when it is asked in this process: no model");
    assertThat(Unserved.of(application(prompt("rank") + prompt("sort")), WITHOUT, Optional.empty()))
        .contains("the prompts of rank, sort fail when they are asked in this process: no model");
  }

  @Test
  void shouldSayNothingWhereThereIsAModelOrNoPromptOrOthersRunThem() {
    assertThat(Unserved.of(application(prompt("sort")), WITH, Optional.empty())).isEmpty();
    assertThat(Unserved.of(application(ECHO), WITHOUT, Optional.empty())).isEmpty();
    assertThat(Unserved.of(application(prompt("sort")), Optional.empty(), Optional.empty()))
        .isEmpty();
  }

  @Test
  void shouldNameTheContainersThatCannotBeHad() {
    String pools = "sandboxPools: [{poolName: p}]\n";
    String contained =
        "  - {componentId: run, handlerType: JIT, targetPoolName: p, taskDetails: {script: run.py}}\n";
    var files =
        ApplicationFiles.of(
            Map.of(
                "app_definition.yaml",
                "appId: shop\n" + pools + "components:\n" + contained + ECHO,
                "run.py",
                "def handle(i): return i"));
    Optional<RunsContainers> without = Optional.of(() -> "no engine");
    var application =
        switch (new ApplicationLoader(new SchemaChecks(), "small").load(files)) {
          case LoadResult.Loaded loaded -> loaded.application();
          case LoadResult.Refused(var faults) -> throw new AssertionError(faults);
        };
    assertThat(Unserved.of(application, WITHOUT, without))
        .containsExactly("the container of run cannot be had in this process: no engine");
    assertThat(Unserved.of(application, WITHOUT, Optional.of(() -> ""))).isEmpty();
    assertThat(Unserved.of(application, WITHOUT, Optional.empty())).isEmpty();
    assertThat(Unserved.of(application(ECHO), WITHOUT, without)).isEmpty();
  }

  @Test
  void shouldNameTheCommandsThatHaveNoContainer() {
    var files =
        ApplicationFiles.of(
            Map.of(
                "app_definition.yaml",
                """
                appId: shop
                sandboxPools: [{poolName: p}]
                securityConfig: {allowedCommands: [{path: /bin/date}]}
                components:
                  - componentId: now
                    handlerType: BUILTIN
                    targetPoolName: p
                    taskDetails: {function: core.linux.executeCommand}
                """));
    var application =
        switch (new ApplicationLoader(new SchemaChecks(), "small").load(files)) {
          case LoadResult.Loaded loaded -> loaded.application();
          case LoadResult.Refused(var faults) -> throw new AssertionError(faults);
        };

    assertThat(Unserved.of(application, WITHOUT, Optional.of(() -> "no engine")))
        .containsExactly("the container of now cannot be had in this process: no engine");
  }

  @Test
  void shouldNameTheServicesThatNobodyRuns() {
    Optional<RunsContainers> without = Optional.of(() -> "no engine");
    String one = "serviceInstances:\n  - {serviceName: agent, dockerImage: a/b}\n";
    String two = one + "  - {serviceName: code, dockerImage: a/b}\n";
    assertThat(Unserved.of(application(ECHO + one), WITHOUT, without))
        .containsExactly("the service agent does not run in this process: no engine");
    assertThat(Unserved.of(application(ECHO + two), WITHOUT, without))
        .containsExactly("the services agent, code do not run in this process: no engine");
    assertThat(Unserved.of(application(ECHO + one), WITHOUT, Optional.of(() -> ""))).isEmpty();
    assertThat(Unserved.of(application(ECHO + one), WITHOUT, Optional.empty())).isEmpty();
  }
}
