/** Machines and events by chance, of all that can be compiled. */
import fc, { type GeneratorValue } from 'fast-check'
import {
  type AnyStateMachine,
  and,
  assign,
  type EventObject,
  emit,
  log,
  not,
  or,
  raise,
  setup,
  stateIn,
} from 'xstate'
import { eventTypes, note } from './observing.ts'

const descriptors = ['A', 'B', 'C', 'D', 'D.x', 'D.*', '*'] as const
/** More microsteps than this are an endless loop, which is an error. */
const microstepsMax = 40

interface Context {
  readonly count: number
  readonly seen: readonly string[]
}
type Anything = { context: Context; event: EventObject }

const implementations = setup({
  types: { context: {} as Context },
  guards: {
    isRest: ({ context }, { by, rest }: { by: number; rest: number }) =>
      context.count % by === rest,
    isEven: ({ context }) => context.count % 2 === 0,
    isSafe: ({ context }) => {
      if (context.count === 13) throw new Error('13 is too many')
      return true
    },
  },
  actions: {
    more: assign({ count: ({ context }) => context.count + 1 }),
    moreBy: assign(({ context }, { by }: { by: number }) => ({ count: context.count + by })),
    see: assign({
      seen: ({ context, event }: Anything) => [...context.seen.slice(-5), event.type],
      // From the context as it was before both.
      count: ({ context }: Anything) => context.count + context.seen.length,
    }),
    trace: ({ context, event, self }, { name }: { name: string }) => {
      note(`${name} at ${context.count} by ${event.type} in ${self.id}`)
    },
    breakAtEleven: ({ context }) => {
      if (context.count === 11) throw new Error('11 is too many')
    },
  },
})

/** Draws with `pick`, so that fast-check can shrink what failed. */
class Draw {
  readonly #gen: GeneratorValue
  readonly #ids: readonly string[]

  constructor(gen: GeneratorValue, ids: readonly string[]) {
    this.#gen = gen
    this.#ids = ids
  }

  number(max: number): number {
    return this.#gen(fc.nat, { max })
  }

  chance(percent: number): boolean {
    return this.number(99) >= 100 - percent
  }

  one<T>(values: readonly T[]): T {
    return values[this.number(values.length - 1)]!
  }

  many<T>(max: number, draw: () => T): T[] {
    return Array.from({ length: this.number(max) }, draw)
  }

  id(): string {
    return `#${this.one(this.#ids)}`
  }

  guard(depth = 2): unknown {
    const kinds = depth > 0 ? 8 : 5
    switch (this.number(kinds - 1)) {
      case 0:
        return 'isEven'
      case 1:
        return { type: 'isRest', params: { by: 3, rest: this.number(2) } }
      case 2:
        return {
          type: 'isRest',
          params: ({ event }: Anything) => ({ by: 2, rest: event.type === 'A' ? 0 : 1 }),
        }
      case 3:
        return ({ event, context }: Anything) => event.type.length + (context.count % 2) > 1
      case 4:
        return stateIn(this.id())
      case 5:
        return and([this.guard(depth - 1), this.guard(depth - 1), 'isSafe'] as never)
      case 6:
        return or([this.guard(depth - 1), this.guard(depth - 1)] as never)
      default:
        return not(this.guard(depth - 1) as never)
    }
  }

  action(): unknown {
    switch (this.number(8)) {
      case 0:
      case 1:
        return { type: 'trace', params: { name: String(this.number(99)) } }
      case 2:
        return 'more'
      case 3:
        return { type: 'moreBy', params: { by: this.number(3) } }
      case 4:
        return {
          type: 'moreBy',
          params: ({ context }: Anything) => ({ by: context.count % 3 }),
        }
      case 5:
        return 'see'
      case 6:
        return raise({ type: this.one(eventTypes) })
      case 7:
        return this.one([
          log(({ context }: any) => context.count),
          emit(({ context }: any) => ({ type: 'emitted', count: context.count })),
          assign(({ context }: any) => ({ count: context.count })),
        ] as unknown[])
      default:
        return 'breakAtEleven'
    }
  }

  transition(): object {
    const targets = [this.id(), ...(this.chance(15) ? [this.id()] : [])]
    return {
      ...(this.chance(80) ? { target: targets } : {}),
      ...(this.chance(25) ? { reenter: true } : {}),
      ...(this.chance(50) ? { guard: this.guard() } : {}),
      actions: this.many(2, () => this.action()),
    }
  }
}

interface Shape {
  readonly id: string
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  readonly children: readonly Shape[]
}

function drawShape(gen: GeneratorValue, counter: { next: number }, depth: number): Shape {
  const id = `n${counter.next++}`
  const types = ['atomic', 'compound', 'parallel'] as const
  const type = depth === 0 ? 'atomic' : types[gen(fc.nat, { max: 2 })]!
  if (type === 'atomic') return { id, type, children: [] }
  const children = Array.from({ length: 1 + gen(fc.nat, { max: 2 }) }, () =>
    drawShape(gen, counter, depth - 1),
  )
  const extra = (type: Shape['type'], percent: number) => {
    if (gen(fc.nat, { max: 99 }) >= percent) return
    children.push({ id: `n${counter.next++}`, type, children: [] })
  }
  extra('history', 50)
  if (type === 'compound') extra('final', 50)
  return { id, type, children }
}

const idsOf = ({ id, children }: Shape): string[] => [id, ...children.flatMap(idsOf)]

function configOf({ id, type, children }: Shape, draw: Draw, isRoot: boolean): object {
  if (type === 'history') {
    return { id, type, history: draw.one(['shallow', 'deep']) }
  }
  const states = children.map((child) => [child.id, configOf(child, draw, false)])
  const on = draw.many(3, () => [draw.one(descriptors), draw.many(2, () => draw.transition())])
  const inner = children.filter((child) => child.type !== 'history')
  const defaults = children.filter((child) => child.type === 'history' && draw.chance(50))
  for (const { id: history } of defaults) {
    const state = states.find(([key]) => key === history)!
    Object.assign(state[1] as object, { target: draw.one(inner).id })
  }
  const first = inner.length > 0 ? draw.one(inner).id : undefined
  return {
    id,
    ...(type === 'atomic' ? {} : { type, states: Object.fromEntries(states) }),
    ...(type === 'final'
      ? { type, output: draw.one(['done', ({ context }: any) => context.count]) }
      : {}),
    ...(type === 'compound'
      ? { initial: draw.chance(50) ? first : { target: first, actions: [draw.action()] } }
      : {}),
    ...(type === 'compound' || type === 'parallel'
      ? { onDone: draw.many(1, () => draw.transition()) }
      : {}),
    on: Object.fromEntries(on),
    always: draw.chance(25) ? [{ ...draw.transition(), guard: draw.guard() }] : [],
    entry: draw.many(2, () => draw.action()),
    exit: draw.many(1, () => draw.action()),
    tags: draw.many(1, () => draw.one(['red', 'green'])),
    ...(isRoot && draw.chance(50) ? { output: ({ event, context }: any) => [event, context] } : {}),
  }
}

/** A machine by chance. */
export function drawMachine(gen: GeneratorValue): AnyStateMachine {
  const shape = drawShape(gen, { next: 0 }, 3)
  const draw = new Draw(gen, idsOf(shape))
  const config = configOf(shape, draw, true)
  const start = { count: 0, seen: [] }
  const context = draw.chance(50) ? start : ({ input }: any) => ({ ...start, count: input ?? 0 })
  return implementations.createMachine({
    ...config,
    context,
    options: { maxIterations: microstepsMax },
  } as never) as unknown as AnyStateMachine
}

export const anyEvents: fc.Arbitrary<EventObject[]> = fc.array(
  fc.constantFrom(...eventTypes).map((type) => ({ type })),
  { maxLength: 25 },
)
