import type { Reporter, TestModule } from 'vitest/node'

/**
 * Prints, as the last line of a run, how many tests passed and failed. In CI a test that was skipped
 * counts as failed: a suite that found no browser or server proves nothing.
 */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0
    let failed = errors.length
    let skipped = 0
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'failed') failed++
        else skipped++
      }
    }
    if (skipped > 0) {
      console.log(
        `\n${skipped} tests were SKIPPED: something that they need is not here; see above.`,
      )
      if (process.env['CI']) {
        failed += skipped
        process.exitCode = 1
      }
    }
    if (passed + failed === 0) process.exitCode = 1
    process.once('exit', () => console.log(`${passed} passed, ${failed} failed`))
  }
}
