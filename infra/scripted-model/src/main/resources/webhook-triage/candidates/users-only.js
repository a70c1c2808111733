// Written from examples in which every repository belongs to a user.
function handle(input) {
  const payload = input.payload;
  if (!payload.repository) {
    deopt("no repository");
  }
  if (!payload.sender) {
    deopt("no sender");
  }
  return {
    event: input.event,
    action: payload.action ?? null,
    repository: payload.repository.full_name,
    actor: payload.sender.login,
    scope: "user",
  };
}
