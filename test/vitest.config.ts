import { defineConfig } from 'vitest/config'

export default defineConfig({
  cacheDir: '../node_modules/.vite',
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A process for each file keeps a fault in one from the others.
    pool: 'forks',
    reporters: ['default', './support/plain-reporter.ts'],
  },
})
