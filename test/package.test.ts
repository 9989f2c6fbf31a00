/** Packs the project as a registry would get it, and uses the package where nothing else of it is. */
import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const project = dirname(import.meta.dirname)
const installed = join(project, 'node_modules')
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))

/** The folder of somebody else's app, with the package unpacked in its node_modules. */
let app: string
/** The files of the package, as paths below it. */
let files: readonly string[]
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ordinal-test-'))
  const tarball = await pack(cloneInto(join(folder, 'clone')))
  app = join(folder, 'app')
  const home = join(app, 'node_modules', manifest.name)
  mkdirSync(home, { recursive: true })
  await run('tar', ['-xzf', tarball, '-C', home, '--strip-components=1'])
  files = filesBelow(home)
  // Only what the manifest names as a dependency: an import of anything else fails.
  for (const name of Object.keys(manifest.dependencies)) link(name)
  writeFileSync(join(app, 'package.json'), '{"type":"module","private":true}')
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A copy without what was built or installed in the project, so that packing has to build. */
function cloneInto(clone: string): string {
  const left = new Set(['.git', 'dist', 'node_modules', '.build', 'ordinal-data', 'ordinal-demo'])
  cpSync(project, clone, {
    recursive: true,
    filter: (path) =>
      !relative(project, path)
        .split(/[\\/]/)
        .some((part) => left.has(part)),
  })
  symlinkSync(installed, join(clone, 'node_modules'), 'dir')
  return clone
}

async function pack(clone: string): Promise<string> {
  const env = { ...process.env, npm_config_update_notifier: 'false', npm_config_offline: 'true' }
  await run('npm', ['pack', '--pack-destination', folder], { cwd: clone, env })
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (!tarball) throw new Error('npm pack made no tarball.')
  return join(folder, tarball)
}

function link(name: string): void {
  const place = join(app, 'node_modules', name)
  mkdirSync(dirname(place), { recursive: true })
  symlinkSync(join(installed, name), place, 'dir')
}

function filesBelow(home: string): readonly string[] {
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}

function write(name: string, text: string): string {
  const path = join(app, name)
  writeFileSync(path, text)
  return path
}

describe('the package', () => {
  it('has what it says it has: the library, its types, and the command', () => {
    expect(manifest.name).toBe('ordinal-engine')
    const { exports, types, bin } = manifest
    expect(Object.keys(bin)).toEqual(['ordinal'])
    for (const path of [exports['.'].default, exports['.'].types, types, bin.ordinal]) {
      expect(files).toContain(path.replace(/^\.\//, ''))
    }
    expect(files).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'README.md']))
  })

  it('has every file that its documents lead to', () => {
    const documents = files.filter((file) => file.endsWith('.md'))
    const links = documents.flatMap((file) => {
      const text = readFileSync(join(app, 'node_modules', manifest.name, file), 'utf8')
      const targets = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target = '']) => target)
      return targets.map((target) => join(dirname(file), target).replaceAll('\\', '/'))
    })
    expect(links).toContain('src/config.ts')
    expect(links.filter((link) => !files.includes(link))).toEqual([])
  })

  it('has no test, no bench, no source but what a document leads to, and no data', () => {
    const led = new Set([
      'src/config.ts',
      'src/engine.ts',
      'src/order/order.svg',
      ...['orders', 'order', 'phone', 'compare'].map((name) => `src/console/pictures/${name}.png`),
      'bench/README.md',
      'bench/peers/README.md',
      'bench/plots/latency.svg',
      'bench/plots/throughput.svg',
    ])
    const strays = files.filter((file) => {
      if (led.has(file)) return false
      const isSource = file.endsWith('.ts') && !file.endsWith('.d.ts')
      const isElsewhere = !/^(?:dist\/|src\/.*\.md$|[^/]+$)/.test(file)
      return isSource || isElsewhere || /(?:^|\/)(?:test|bench|node_modules)\//.test(file)
    })
    expect(strays).toEqual([])
    const top = files.filter((file) => !file.includes('/'))
    expect(top.sort()).toEqual(['LICENSE', 'README.md', 'package.json'])
  })

  it('takes an order and reads it back, in an app of somebody else', async () => {
    const script = write(
      'app.js',
      `import { openEngine } from 'ordinal-engine'
      const data = new URL('./data', import.meta.url).pathname
      const placing = await openEngine({ data, firstEventId: 2001 })
      const line = { sku: 'widget', quantity: 5, unitPrice: 1000 }
      const orderId = 'bob-1'
      await placing.submit('order.new', { orderId, customerId: 'bob', currency: 'USD', lines: [line] })
      await placing.submit('order.modify', { orderId, lines: [{ sku: 'widget', quantity: 6 }] })
      const receipt = await placing.submit('order.pay', { orderId, paymentId: 'p-1', amount: 6000 })
      await placing.close()
      const reading = await openEngine({ data })
      const { status, total, version, lines } = reading.get(orderId)
      const history = (await reading.history(orderId)).map(({ eventId, type }) => [eventId, type])
      await reading.close()
      console.log(JSON.stringify({ receipt, status, total, version, lines, history }))`,
    )
    const { stdout, stderr } = await run(process.execPath, [script], { cwd: app })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      receipt: {
        orderId: 'bob-1',
        version: 3,
        eventId: 2003,
        recordedAt: expect.any(Number),
        replayed: false,
      },
      status: 'paid',
      total: 6000,
      version: 3,
      lines: [{ sku: 'widget', quantity: 6, unitPrice: 1000 }],
      history: [
        [2001, 'NewOrderEvent'],
        [2002, 'ModifyOrderEvent'],
        [2003, 'OrderPaymentEvent'],
      ],
    })
  })

  it('gives only what it exports', async () => {
    const script = write('deep.js', `import 'ordinal-engine/dist/engine.js'`)
    await expect(run(process.execPath, [script], { cwd: app })).rejects.toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    )
  })

  it('has a command that runs and explains itself', async () => {
    const command = join(app, 'node_modules', manifest.name, manifest.bin.ordinal)
    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    const { stdout } = await run(process.execPath, [command, '--help'], { cwd: app })
    for (const name of ['serve', 'call', 'watch', 'history', 'events', 'compare']) {
      expect(stdout).toContain(name)
    }
  })
})

describe('the types of the package', () => {
  it('know the commands and views of an order, and refuse what there is not', async () => {
    const good = write(
      'good.ts',
      `import { openEngine, type OrderView, type Outcome } from 'ordinal-engine'
      const engine = await openEngine({ data: 'data' })
      const outcome: Outcome = await engine.submit('order.pay', {
        orderId: 'bob-1', paymentId: 'p-1', amount: 6000, commandId: 'c-1', expectedVersion: 2,
      })
      if ('refused' in outcome) console.log(outcome.message)
      else console.log(outcome.eventId + outcome.version)
      const view: OrderView | undefined = engine.get('bob-1')
      console.log(view?.balance, view?.lines[0]?.sku)
      await engine.close()`,
    )
    const bad = write(
      'bad.ts',
      `import { openEngine } from 'ordinal-engine'
      const engine = await openEngine({ data: 'data' })
      await engine.submit('order.paint', { orderId: 'bob-1' })
      await engine.submit('order.pay', { orderId: 'bob-1', paymentId: 'p-1' })
      await engine.submit('order.ship', { orderId: 'bob-1', tracking: 'T' })`,
    )
    const found = [...(await compile(good, bad)).matchAll(/^(\S.*)\((\d+),\d+\): error/gm)]
    expect(found.map(([, file, line]) => `${file}:${line}`)).toEqual([
      'bad.ts:3',
      'bad.ts:4',
      'bad.ts:5',
    ])
  })
})

/** What tsc says of files of the app; the declarations of the package are checked with them. */
async function compile(...paths: readonly string[]): Promise<string> {
  const tsc = join(installed, 'typescript', 'bin', 'tsc')
  const flags = ['--noEmit', '--strict', '--target', 'es2023', '--skipLibCheck', 'false']
  const module = ['--module', 'nodenext', '--moduleResolution', 'nodenext']
  const types = ['--types', 'node', '--typeRoots', join(installed, '@types')]
  const args = [tsc, ...flags, ...module, ...types, ...paths]
  return run(process.execPath, args, { cwd: app }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  )
}
