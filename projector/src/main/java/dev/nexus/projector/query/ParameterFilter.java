package dev.nexus.projector.query;

import dev.nexus.platform.http.QueryParameters;
import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.web.router.MethodBasedRouteMatch;
import io.micronaut.web.router.RouteAttributes;
import java.util.Arrays;
import java.util.List;

/// Refuses parameters that a query does not have: one that is misspelt would be passed over, and
/// everything be answered in place of what was asked for.
@ServerFilter("/v1/**")
public final class ParameterFilter {

  /// Throws a `ProblemException`, which is answered with 400.
  @RequestFilter
  public void requireKnown(HttpRequest<?> request) {
    RouteAttributes.getRouteMatch(request)
        .filter(MethodBasedRouteMatch.class::isInstance)
        .map(match -> (MethodBasedRouteMatch<?, ?>) match)
        .filter(match -> isQuery(match.getDeclaringType()))
        .map(match -> names(match.getArguments()))
        .filter(names -> !names.isEmpty())
        .ifPresent(names -> QueryParameters.requireKnown(request.getParameters().names(), names));
  }

  private static boolean isQuery(Class<?> controller) {
    return controller.getPackageName().equals(ParameterFilter.class.getPackageName());
  }

  private static List<String> names(Argument<?>[] arguments) {
    return Arrays.stream(arguments)
        .filter(argument -> argument.getAnnotationMetadata().hasAnnotation(QueryValue.class))
        .map(
            argument ->
                argument
                    .getAnnotationMetadata()
                    .stringValue(QueryValue.class)
                    .filter(name -> !name.isEmpty())
                    .orElse(argument.getName()))
        .toList();
  }
}
