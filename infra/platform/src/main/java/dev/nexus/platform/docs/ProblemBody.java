package dev.nexus.platform.docs;

import dev.nexus.event.Doc;
import java.util.List;
import java.util.Optional;

/// What `platform.http.Problem` looks like in JSON.
@Shape(name = "Problem", open = true)
public record ProblemBody(
    @Doc("`urn:nexus:problem:` and a short stable word.") String type,
    @Doc("The reason phrase of the status.") String title,
    int status,
    @Doc("What happened and what to do, for a person.") String detail,
    @Doc("Path of the call.") String instance,
    @Doc("The single faults, all of them.") Optional<List<FaultBody>> errors,
    @Doc("Names that may have been meant.") Optional<List<String>> nearest,
    @Doc("The execution this is about.") Optional<String> executionId,
    @Doc("Names what the call wrote, for `after`.") Optional<String> token) {

  /// What `platform.http.Fault` looks like in JSON.
  @Shape(name = "Fault")
  public record FaultBody(
      @Doc("JSON Pointer into the body; absent where there is a file.") Optional<String> pointer,
      @Doc("File of a definition.") Optional<String> file,
      @Doc("From 1.") Optional<Integer> line,
      @Doc("From 1.") Optional<Integer> column,
      @Doc("What is wrong.") String detail,
      Optional<String> expected,
      Optional<String> found,
      @Doc("Names that may have been meant.") Optional<List<String>> nearest) {}
}
