package dev.nexus.platform.http;

import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.web.router.MethodBasedRouteMatch;
import io.micronaut.web.router.RouteAttributes;
import java.util.Arrays;
import java.util.List;

/// Refuses parameters that a call does not have: one that is misspelt would be passed over, and
/// something else be done or answered than was asked for. What is no call of ours, such as the
/// protocol of the schema registry, is left alone: its clients send more than is read here.
///
/// So are deliveries at hooks. Others write their URL and add to it: webhooks of CloudEvents put
/// `access_token` there, gateways what they like. A hook has no parameter that could be meant, and
/// a delivery that is refused may never be sent again. What a call that [PassesOn] is asked is not
/// ours to know.
@ServerFilter("/v1/**")
public final class ParameterFilter {

  /// Throws a `ProblemException`, which is answered with 400.
  @RequestFilter
  public void requireKnown(HttpRequest<?> request) {
    if (request.getPath().startsWith(AuthenticationFilter.HOOKS)) {
      return;
    }
    RouteAttributes.getRouteMatch(request)
        .filter(MethodBasedRouteMatch.class::isInstance)
        .<MethodBasedRouteMatch<?, ?>>map(match -> (MethodBasedRouteMatch<?, ?>) match)
        .filter(match -> !match.hasAnnotation(PassesOn.class))
        .map(match -> names(match.getArguments()))
        .ifPresent(names -> QueryParameters.requireKnown(request.getParameters().names(), names));
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
