import { defineConfig } from 'vitest/config'

export default defineConfig({
  cacheDir: '../node_modules/.vite',
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // As long as a busy machine may take; what comes sooner is not waited for.
    expect: { poll: { timeout: 20_000 } },
    // A process for each file keeps a fault in one from the others.
    pool: 'forks',
    // Tests wait for disks and other processes more than they compute: one for each core.
    maxWorkers: '100%',
    reporters: ['default', './support/plain-reporter.ts'],
  },
})
