package dev.nexus.executor.container;

import dev.nexus.executor.code.Home;

/// What makes instances alike: whose they are, their limits and their image. A pool with another
/// definition is another pool.
record PoolKey(Home.Pool home, String image) {}
