function handle(input) {
  throw new Error('on purpose');
}
