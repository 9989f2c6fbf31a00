import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, createMachine } from 'xstate'
import { chartText } from '../../src/chart/chart.ts'
import { machineConfigOf } from '../../src/chart/forms/machine-config.ts'
import { mermaidOf } from '../../src/chart/forms/mermaid.ts'
import { cellsOf, visible } from '../../src/chart/layout/text.ts'
import { chartOf } from '../../src/chart/model/read.ts'
import { orderMachine } from '../../src/order/machine.ts'
import { drawMachine } from '../statechart/compiled/random-machines.ts'
import { hostileNames, named, rich } from './machines.ts'
import { elementsIn, parseXml, textIn } from './xml.ts'

const order = orderMachine as unknown as AnyStateMachine

describe('the drawing', () => {
  it('is SVG in which all names are text, whatever they are', async () => {
    const svg = parseXml(await chartText(named(hostileNames), 'svg'))
    const elements = elementsIn(svg)
    const kinds = new Set(elements.map(({ name }) => name))
    expect([...kinds].sort()).toEqual(
      ['circle', 'g', 'path', 'rect', 'style', 'svg', 'text', 'title'].sort(),
    )
    for (const { attributes } of elements) {
      expect(Object.keys(attributes).filter((name) => /^on|href|^style$/.test(name))).toEqual([])
    }
    const texts = elements.filter(({ name }) => name === 'text').map(textIn)
    expect(texts).toEqual(expect.arrayContaining(['<script>alert(1)</script>']))
    expect(texts).toEqual(expect.arrayContaining(['turn\\u202e around \\u2066here']))
    // What is cut is there as a whole, too, for whoever points at it.
    const titles = elements.filter(({ name }) => name === 'title').map(textIn)
    expect(titles).toContain(visible('aVeryLongNameThatGoesOn'.repeat(20)))
  })

  it('names each state and each edge, and draws texts over lines', async () => {
    const svg = parseXml(await chartText(rich, 'svg'))
    const groups = elementsIn(svg).filter(({ name }) => name === 'g')
    const { states, edges } = chartOf(rich)
    const all = (what: string) =>
      groups.flatMap(({ attributes }) => attributes[`data-${what}`] ?? [])
    expect(all('state')).toEqual(states.map(({ id }) => id))
    expect(all('in')).toEqual(states.map(({ id }) => id))
    expect(all('label')).toEqual(edges.map(({ id }) => id))
    const away = edges.filter(({ source, targets }) => targets.some((one) => one !== source))
    expect(all('edge')).toEqual(away.map(({ id }) => id))
    const last = (what: string) =>
      groups.findLastIndex(({ attributes }) => attributes[`data-${what}`] !== undefined)
    const first = (what: string) =>
      groups.findIndex(({ attributes }) => attributes[`data-${what}`] !== undefined)
    expect(last('state')).toBeLessThan(first('edge'))
    expect(last('edge')).toBeLessThan(Math.min(first('in'), first('label')))
  })

  it('holds each text to the width that it was laid out with, in any font', async () => {
    const svg = parseXml(await chartText(order, 'svg'))
    const texts = elementsIn(svg).filter(({ name }) => name === 'text')
    expect(texts.length).toBeGreaterThan(40)
    for (const text of texts) {
      expect(text.attributes['lengthAdjust']).toBe('spacingAndGlyphs')
      const width = cellsOf(textIn(text)) * 12 * 0.602
      expect(Number(text.attributes['textLength'])).toBeCloseTo(width, 0)
    }
  })

  it('is light or dark as the system is, and asks nothing of anyone', async () => {
    const svg = await chartText(order, 'svg')
    const [style] = elementsIn(parseXml(svg)).filter(({ name }) => name === 'style')
    const [, dark = ''] = textIn(style!).split('@media (prefers-color-scheme:dark)')
    const light = textIn(style!).replace(dark, '')
    const selectors = (css: string) =>
      [...css.matchAll(/\.chart [^{}]*\{(?:fill|stroke):#/g)].length
    expect(selectors(dark)).toBeGreaterThan(10)
    expect(selectors(light)).toBe(selectors(dark))
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|url\(|@import|script/,
    )
  })
})

describe('the diagram for Mermaid', () => {
  /** All that there may be on a line: what Mermaid reads as anything else is in no name. */
  const id = 's_\\w+'
  const words = String.raw`(?:[\p{L}\p{M}\p{N} _.,()[\]/+=-]|#\d+;)`
  const label = `(?: : ${words}+(?:<br/>${words}+)*)?`
  const line = new RegExp(
    [
      '^stateDiagram-v2$',
      `^ *state "${words}*" as ${id}$`,
      `^ *state ${id} \\{$`,
      '^ *\\}$',
      '^ *--$',
      `^ *(?:${id}|\\[\\*\\]) --> (?:${id}|\\[\\*\\])${label}$`,
      `^ *note right of ${id}${label}$`,
    ].join('|'),
    'u',
  )

  it('holds only what Mermaid takes for what it is', () => {
    for (const machine of [order, rich, named(hostileNames)]) {
      const lines = mermaidOf(chartOf(machine)).trimEnd().split('\n')
      expect(lines.filter((one) => !line.test(one))).toEqual([])
    }
    expect(line.test('  s_a --> s_b : a; b')).toBe(false)
    expect(line.test('  state "a"b" as s_a')).toBe(false)
  })

  it('tells apart states whose names differ only in signs', () => {
    const machine = createMachine({ id: 'm', initial: 'a-b', states: { 'a-b': {}, 'a+b': {} } })
    const diagram = mermaidOf(chartOf(machine as never))
    expect(diagram).toContain('state "a-b" as s_a_b\n')
    expect(diagram).toContain('state "a#43;b" as s_a_b_2\n'.replace('#43;', '+'))
  })

  it('has the order machine: its regions, and what leads where', () => {
    const lines = mermaidOf(chartOf(order))
      .split('\n')
      .map((one) => one.trim())
    expect(lines[0]).toBe('stateDiagram-v2')
    expect(lines).toEqual(
      expect.arrayContaining([
        '[*] --> s_unplaced',
        's_unplaced --> s_open : NewOrderEvent [totalIsSafe] / place',
        'state s_open {',
        '--',
        's_open_payment_unpaid --> s_open_payment_paid : always [isPaid]',
        's_open_fulfilment_unfulfilled --> s_cancelled : OrderCancelledEvent',
        's_cancelled --> s_cancelled : OrderRefundedEvent [refundIdIsNew and refundIsWithinPaid] / refund',
      ]),
    )
    const payment = lines.find((one) => one.startsWith('s_open_payment --> s_open_payment :'))
    expect(payment).toMatch(/OrderPaymentEvent .* \/ pay<br\/>OrderRefundedEvent .* \/ refund$/)
  })
})

describe('the config of a machine', () => {
  const again = (machine: AnyStateMachine) =>
    createMachine(JSON.parse(JSON.stringify(machineConfigOf(machine)))) as never

  it('is JSON of which XState makes a machine with the same chart', () => {
    for (const machine of [order, rich, named(hostileNames)]) {
      expect(chartOf(again(machine))).toEqual(chartOf(machine))
    }
  })

  it('is so, whatever the machine', () => {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        const machine = drawMachine(gen)
        expect(chartOf(again(machine))).toEqual(chartOf(machine))
      }),
      { numRuns: 200, endOnFailure: true },
    )
  })

  it('has guards, actions, delays and actors by name, and what is plain beside them', () => {
    const config = machineConfigOf(rich) as any
    expect(config.context).toEqual({ count: 1 })
    expect(config.states.idle.on.Load[1]).toEqual({
      target: 'failed',
      guard: { type: 'isOver', params: { limit: 5 } },
    })
    expect(config.states.loading).toMatchObject({
      invoke: [{ id: 'user', src: 'loadUser', onError: { target: 'failed' } }],
      after: { 30000: { target: 'failed' }, patience: { actions: 'note' } },
    })
    expect(config.states.work).toMatchObject({ id: 'w', onDone: { target: 'done' } })
    expect(config.states.done).toMatchObject({ type: 'final', output: { is: 'done' } })
    const { unplaced } = (machineConfigOf(order) as any).states
    expect(unplaced.on.NewOrderEvent).toEqual({
      guard: 'totalIsSafe',
      actions: 'place',
      target: 'open',
    })
  })

  it('leaves behind what is code', () => {
    const machine = createMachine({
      id: 'm',
      context: () => ({ at: 1 }),
      on: { E: { guard: () => true, actions: [() => {}] } },
      output: () => 1,
    })
    expect(machineConfigOf(machine as never)).toEqual({
      id: 'm',
      on: { E: { guard: 'inline', actions: 'inline' } },
    })
  })
})
