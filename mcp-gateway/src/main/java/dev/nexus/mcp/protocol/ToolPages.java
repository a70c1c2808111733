package dev.nexus.mcp.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// Lists of tools, page by page. A cursor is the last name shown, so a list that changes between
/// pages loses and repeats nothing that stayed.
final class ToolPages {
  private static final int SIZE = 100;
  private static final String MARK = "after:";

  private ToolPages() {}

  /// Puts the page after `params.cursor` into `result`.
  static void put(List<Tool> tools, ObjectNode params, ObjectNode result) {
    String after = params.has("cursor") ? last(params.path("cursor").asText()) : "";
    List<Tool> rest = tools.stream().filter(tool -> tool.name().compareTo(after) > 0).toList();
    ArrayNode page = result.putArray("tools");
    rest.stream().limit(SIZE).forEach(tool -> page.add(tool.toJson()));
    if (rest.size() > SIZE) {
      result.put("nextCursor", cursor(rest.get(SIZE - 1).name()));
    }
  }

  private static String cursor(String name) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((MARK + name).getBytes(StandardCharsets.UTF_8));
  }

  private static String last(String cursor) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
      if (text.startsWith(MARK)) {
        return text.substring(MARK.length());
      }
    } catch (IllegalArgumentException e) {
      throw new RpcException(RpcError.invalidParams("Invalid params: unknown cursor"));
    }
    throw new RpcException(RpcError.invalidParams("Invalid params: unknown cursor"));
  }
}
