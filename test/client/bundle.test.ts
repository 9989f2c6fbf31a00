import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'

const run = promisify(execFile)

it('is under 10 KB gzipped, and knows neither Node nor any package', async () => {
  const file = join(temporaryFolder(), 'client.js')
  const script = join(import.meta.dirname, 'bundle.mjs')
  const { stdout } = await run(process.execPath, [script, file])
  const code = readFileSync(file, 'utf8')
  const bytes = gzipSync(code, { level: 9 }).length
  expect(bytes).toBeGreaterThan(1000)
  expect(bytes).toBeLessThan(10_000)
  expect(stdout).toContain(`${bytes} bytes gzipped`)
  expect(code).toMatch(/export\{/)
  expect(code).not.toMatch(/node:|\brequire\b|\bimport\b|\bprocess\b|\bBuffer\b/)
})

it('is what the package gives under the name of the client', async () => {
  const script =
    "import * as sdk from 'ordinal-engine/client'; console.log(Object.keys(sdk).join())"
  const cwd = join(import.meta.dirname, '..', '..')
  const args = ['--input-type=module', '--eval', script]
  const { stdout } = await run(process.execPath, args, { cwd })
  expect(stdout.trim()).toBe('CallError,Client,ClientError,connect')
})
