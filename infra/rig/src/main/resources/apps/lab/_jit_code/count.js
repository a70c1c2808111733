function handle(input) {
  return input.length;
}
