/**
 * Bundles the built SDK as an app would, and prints its size: `node bundle.mjs [file]` also writes the
 * bundle to the file. Fails where it is over the limit.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

const gzippedBytesMax = 10_000

const input = fileURLToPath(new URL('../../dist/client/index.js', import.meta.url))
const bundle = await rolldown({ input, platform: 'browser' })
const { output } = await bundle.generate({ format: 'esm', minify: true })
await bundle.close()
const code = output.map((part) => part.code).join('\n')
const bytes = gzipSync(code, { level: 9 }).length

console.log(`ordinal-engine/client: ${bytes} bytes gzipped, of ${gzippedBytesMax} at the most`)
if (process.argv[2] !== undefined) writeFileSync(process.argv[2], code)
if (bytes >= gzippedBytesMax) process.exitCode = 1
