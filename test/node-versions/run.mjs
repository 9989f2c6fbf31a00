/**
 * Runs the tests on other versions of Node: `npm run test:nodes [-- MAJOR ...]`, such as `-- 22 26`;
 * `newest` is the newest even one. Without any: 20, 22, 24 and the newest. Each comes from the package
 * `node`, which carries the program, into a folder that is removed. What runs is what is built.
 *
 * `--but-this` leaves out the version that runs this, and `--but-browser` the tests of the console, most of
 * which happen in a browser that is the same for all versions.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const config = join(root, 'test/vitest.config.ts')
const everyOne = ['20', '22', '24', 'newest']

const options = ['--but-this', '--but-browser']

const args = process.argv.slice(2)
const asked = args.filter((arg) => !arg.startsWith('--'))
const wrong = [
  ...args.filter((arg) => arg.startsWith('--') && !options.includes(arg)),
  ...asked.filter((arg) => arg !== 'newest' && !/^\d+$/.test(arg)),
]
if (wrong.length > 0) {
  console.error(
    `${wrong.join(' ')}: a version is a number such as 22, or newest; or ${options.join(' or ')}.`,
  )
  process.exit(2)
}

const majors = [...new Set((asked.length > 0 ? asked : everyOne).map(majorOf))]
const own = process.versions.node.split('.')[0]
const total = { passed: 0, failed: 0 }
for (const major of majors) {
  if (major === own && args.includes('--but-this')) continue
  const { passed, failed } = await testOn(major)
  total.passed += passed
  total.failed += failed
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0

/** The number of a major version. */
function majorOf(name) {
  if (name !== 'newest') return name
  const versions = JSON.parse(npm(['view', 'node', 'versions', '--json']))
  const numbers = versions.map((version) => Number(version.split('.')[0]))
  return String(Math.max(...numbers.filter((number) => number % 2 === 0)))
}

function npm(words) {
  const { stdout, stderr, status } = spawnSync('npm', words, { encoding: 'utf8', cwd: tmpdir() })
  if (status === 0) return stdout
  console.error(`npm ${words.join(' ')} failed:\n${stderr}`)
  process.exit(1)
}

/** Runs the tests on a version, and counts them. A run that counts none has failed. */
async function testOn(major) {
  const folder = mkdtempSync(join(tmpdir(), 'ordinal-node-'))
  // Some tests run it without the rights of whoever made the folder.
  chmodSync(folder, 0o755)
  try {
    npm(['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `node@${major}`])
    const programs = join(folder, 'node_modules/node/bin')
    const node = join(programs, 'node')
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim()
    console.log(`\nNode ${version}`)
    if (!version?.startsWith(`v${major}.`)) return { passed: 0, failed: 1 }
    // Tests that start `node` find this one first.
    const env = { ...process.env, PATH: `${programs}${delimiter}${process.env.PATH}` }
    const but = args.includes('--but-browser') ? ['--exclude', 'console/**'] : []
    return await counted(node, [vitest, 'run', '--config', config, ...but], env)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function counted(program, words, env) {
  return new Promise((resolve) => {
    const child = spawn(program, words, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
    let tail = ''
    child.stdout.on('data', (bytes) => {
      process.stdout.write(bytes)
      tail = (tail + bytes).slice(-1000)
    })
    child.once('close', (code) => {
      const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(tail) ?? ['', '0', '1']
      resolve({ passed: Number(passed), failed: Math.max(Number(failed), code === 0 ? 0 : 1) })
    })
  })
}
