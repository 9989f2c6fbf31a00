/** Holds the source to the rules of the house: who may import whom, and what is named where. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  breaksDomain,
  breaksImports,
  breaksLength,
  breaksSockets,
  breaksTime,
  breaksTop,
  importsOf,
  isSource,
  linesMax,
  orderWords,
  project,
  roomOf,
  type Source,
  sources,
  withoutComments,
} from './architecture-rules.ts'

describe('the source', () => {
  const all = sources()

  it('is all of it read', () => {
    expect(all.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        ...['engine.ts', 'order/machine.ts', 'gateway/port/ws.ts', 'index.ts'],
        'console/app.tsx',
      ]),
    )
    const count = all.flatMap(importsOf).filter(({ from }) => isSource(from)).length
    expect(count).toBeGreaterThan(100)
  })

  it('imports only files that are there', () => {
    const ours = all.flatMap(importsOf).filter(({ from }) => isSource(from))
    const missing = ours.filter(({ from }) => !existsSync(join(project, 'src', from)))
    expect(missing).toEqual([])
  })

  it('keeps to who may import whom', () => {
    expect(all.flatMap(breaksImports)).toEqual([])
  })

  it('knows the socket library in one file of the gateway', () => {
    expect(all.flatMap(breaksSockets)).toEqual([])
  })

  it('lets time and chance in at one place', () => {
    expect(all.flatMap(breaksTime)).toEqual([])
  })

  it(`has no file of more than ${linesMax} lines`, () => {
    expect(all.flatMap(breaksLength)).toEqual([])
  })

  it('names what only an order has in the domain of orders alone', () => {
    expect(all.flatMap(breaksDomain)).toEqual([])
  })

  it('has nothing at its top but what belongs there', (ctx) => {
    let listed: string
    try {
      listed = execFileSync('git', ['ls-files', '-z'], { cwd: project, encoding: 'utf8' })
    } catch (error) {
      const note = `SKIPPED: git does not list the files of the project (${error})`
      console.warn(note)
      return ctx.skip(note)
    }
    const files = listed.split('\0').filter((file) => file !== '')
    expect(files.flatMap(breaksTop)).toEqual([])
  })
})

const source = (path: string, text = ''): Source => ({ path, text })
const importing = (path: string, from: string, type = '') =>
  source(path, `import ${type}{ a } from '${from}'\n`)

describe('the reader of imports', () => {
  it('sees every way to import', () => {
    const text = `
      import a from './a.ts'
      import type { B } from '../b/b.ts'
      import { type C, c } from './c.ts'
      import * as d from './d.ts'
      import './e.ts'
      export { f } from './f.ts'
      export type { G } from './g.ts'
      export * from './h.ts'
      const i = await import('./i.ts')
      import {
        j,
        type J,
      } from './j.ts'
      import { k } from 'k'
      // import l from './l.ts'
      /* import m from './m.ts' */
      const n = "it's"; import o from './o.ts'
    `
    const seen = importsOf(source('room/file.ts', text))
    expect(seen.map(({ from }) => from)).toEqual([
      ...['room/a.ts', 'b/b.ts', 'room/c.ts', 'room/d.ts', 'room/e.ts', 'room/f.ts', 'room/g.ts'],
      ...['room/h.ts', 'room/i.ts', 'room/j.ts', 'k', 'room/o.ts'],
    ])
    const types = seen.filter(({ isTypeOnly }) => isTypeOnly).map(({ from }) => from)
    expect(types).toEqual(['b/b.ts', 'room/g.ts'])
  })
})

describe('each rule bites', () => {
  it.each([
    ['order/decide.ts', '../runtime.ts'],
    ['order/decide.ts', '../log/codec.ts'],
    ['statechart/verdict.ts', '../domain.ts'],
    ['statechart/verdict.ts', '../order/index.ts'],
    ['log/codec.ts', '../order/events.ts'],
    ['log/codec.ts', '../view/order-view.ts'],
    ['checkpoint/fold.ts', '../sequencer/sequencer.ts'],
    ['sequencer/sequencer.ts', '../view/order-view.ts'],
    ['sequencer/sequencer.ts', '../order/index.ts'],
    ['view/order-view.ts', '../gateway/gateway.ts'],
    ['view/order-view.ts', '../sequencer/append.ts'],
    ['protocol/wire.ts', '../order/index.ts'],
    ['protocol/wire.ts', '../gateway/calls.ts'],
    ['gateway/calls.ts', '../order/index.ts'],
    ['gateway/calls.ts', '../engine.ts'],
    ['gateway/calls.ts', '../checkpoint/fold.ts'],
    ['chart/layout.ts', '../order/machine.ts'],
    ['console/page.ts', '../protocol/wire.ts'],
    ['console/page.tsx', './../gateway/gateway.ts'],
    ['crud/orders.ts', '../log/lmdb-log.ts'],
    ['upkeep/verify.ts', '../order/index.ts'],
    ['log/lmdb-log.ts', '../upkeep/verify.ts'],
    ['domain.ts', './engine.ts'],
    ['errors.ts', './log/codec.ts'],
  ])('%s may not import %s, nor types of it', (path, from) => {
    expect(breaksImports(importing(path, from))).toHaveLength(1)
    expect(breaksImports(importing(path, from, 'type '))).toHaveLength(1)
  })

  it.each([
    ['order/decide.ts', '../statechart/verdict.ts'],
    ['order/decide.ts', './view.ts'],
    ['order/decide.ts', '../errors.ts'],
    ['log/history.ts', '../runtime.ts'],
    ['sequencer/sequencer.ts', '../checkpoint/heads.ts'],
    ['gateway/calls.ts', '../view/order-view.ts'],
    ['upkeep/verify.ts', '../log/lmdb-log.ts'],
    ['crud/orders.ts', '../order/index.ts'],
    ['engine.ts', './order/index.ts'],
    ['cli/main.ts', '../crud/orders.ts'],
    ['gateway/calls.ts', 'ws'],
  ])('%s may import %s', (path, from) => {
    expect(breaksImports(importing(path, from))).toEqual([])
  })

  it('the client may import types of anyone, and nothing else but the protocol', () => {
    expect(breaksImports(importing('client/client.ts', '../order/index.ts', 'type '))).toEqual([])
    expect(breaksImports(importing('client/client.ts', '../protocol/wire.ts'))).toEqual([])
    expect(breaksImports(importing('client/client.ts', '../order/index.ts'))).toHaveLength(1)
    // This is still an import when the types are gone.
    const inline = source('client/client.ts', "import { type A } from '../order/index.ts'")
    expect(breaksImports(inline)).toHaveLength(1)
  })

  it('a new room needs a place in the table', () => {
    expect(breaksImports(source('attic/box.ts'))).toHaveLength(1)
  })

  it('the socket library', () => {
    expect(breaksSockets(importing('gateway/session.ts', 'ws'))).toHaveLength(1)
    expect(breaksSockets(importing('gateway/session.ts', 'ws', 'type '))).toHaveLength(1)
    expect(breaksSockets(importing('gateway/port/ws.ts', 'ws'))).toEqual([])
  })

  it.each([
    'Date.now()',
    'new Date()',
    'setTimeout(f, 1)',
    'setInterval(f, 1)',
    'setImmediate(f)',
    'Math.random()',
    'performance.now()',
    'randomUUID()',
    'randomBytes(8)',
  ])('time and chance: %s', (code) => {
    expect(breaksTime(source('view/order-view.ts', `const a = ${code}`))).toHaveLength(1)
    expect(breaksTime(source('runtime.ts', code))).toEqual([])
    expect(breaksTime(source('view/order-view.ts', `// ${code}`))).toEqual([])
  })

  it('the length of a file', () => {
    expect(breaksLength(source('a.ts', 'a\n'.repeat(linesMax)))).toEqual([])
    expect(breaksLength(source('a.ts', 'a\n'.repeat(linesMax + 1)))).toHaveLength(1)
  })

  it.each(orderWords)('the words of an order: %s', (word) => {
    expect(breaksDomain(source('view/order-view.ts', `const a = { b: '${word}' }`))).toHaveLength(1)
    expect(breaksDomain(source('view/order-view.ts', `/** As ${word}. */`))).toEqual([])
    expect(breaksDomain(source('order/machine.ts', word))).toEqual([])
    expect(breaksDomain(source('crud/orders.ts', word))).toEqual([])
  })

  it('the words of an order are words of its domain', () => {
    const domain = sources().filter(({ path }) => roomOf(path) === 'order')
    const text = domain.map(({ text }) => withoutComments(text)).join()
    for (const word of orderWords) expect(text).toContain(word)
  })

  it('the top of the project', () => {
    const welcome = ['package.json', '.biome.json', '.ci/run', 'src/README.md', 'test/a.test.ts']
    expect(welcome.flatMap(breaksTop)).toEqual([])
    const strays = ['NOTES.md', 'docs/a.md', 'vitest.config.ts', 'src', 'scripts/x.js']
    expect(strays.flatMap(breaksTop)).toHaveLength(strays.length)
  })
})
