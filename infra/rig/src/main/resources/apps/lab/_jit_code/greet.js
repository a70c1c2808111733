function handle(input) {
  return { greeting: 'Hello, '.repeat(input.times || 1) + input.name + '!' };
}
