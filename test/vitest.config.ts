import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Tests open logs and sockets of their own; a file a process keeps a fault in one from the rest.
    pool: 'forks',
    reporters: ['default', './support/plain-reporter.ts'],
  },
})
