function handle(input) { return 1; }
