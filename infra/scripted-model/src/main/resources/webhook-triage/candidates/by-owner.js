// Written from examples that show repositories of users and of organisations.
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
    scope: payload.repository.owner.type === "Organization" ? "organization" : "user",
  };
}
