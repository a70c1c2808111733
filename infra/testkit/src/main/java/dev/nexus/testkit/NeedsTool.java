package dev.nexus.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// The test runs a program that may be absent: `@NeedsTool("docker")`. Without it the test is left
/// out; with `CI=true` it fails. `./nexus test` finds these annotations and says what is missing.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ToolCondition.class)
public @interface NeedsTool {

  /// Names of programs on the PATH; all are needed. Alternatives are separated by `|`, as in
  /// `kcat|kafkacat`. Of `docker` the engine has to answer, and `docker-compose` may be a part of
  /// `docker`.
  String[] value();
}
