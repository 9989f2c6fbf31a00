/** Machines to draw: one with everything that a machine can have, large ones, and hostile ones. */
import {
  type AnyStateMachine,
  and,
  assign,
  createMachine,
  fromPromise,
  not,
  or,
  raise,
  setup,
  stateIn,
} from 'xstate'

export const rich: AnyStateMachine = setup({
  actors: { loadUser: fromPromise(async () => 1) },
  delays: { patience: 1000 },
  guards: {
    isNew: () => true,
    isLate: () => true,
    isOver: (_, params: { limit: number }) => !!params,
  },
  actions: { note: () => {}, save: () => {} },
}).createMachine({
  id: 'rich',
  initial: 'idle',
  context: { count: 1 },
  on: { Reset: { target: '.idle', actions: 'note' }, '*': { actions: 'note' } },
  states: {
    idle: {
      tags: ['calm'],
      entry: ['note', 'save'],
      on: {
        Load: [
          { target: 'loading', guard: and(['isNew', not(or(['isLate', stateIn('#w')]))]) },
          { target: 'failed', guard: { type: 'isOver', params: { limit: 5 } } },
        ],
      },
    },
    loading: {
      invoke: {
        id: 'user',
        src: 'loadUser',
        onDone: { target: 'work', actions: assign({ count: 2 }) },
        onError: 'failed',
        onSnapshot: { actions: 'note' },
      },
      after: { 30000: 'failed', patience: { actions: 'note' } },
    },
    work: {
      id: 'w',
      description: 'Where the work is done',
      initial: { target: 'run', actions: 'save' },
      onDone: 'done',
      exit: 'save',
      on: { Retry: { target: 'work', reenter: true }, Back: '.run' },
      states: {
        run: {
          on: {
            Pause: 'paused',
            Finish: 'end',
            Abort: '#rich.failed',
            Tick: { actions: raise({ type: 'Pause' }) },
            Again: 'run',
          },
        },
        paused: { on: { Go: 'before', Up: '#w' } },
        before: { type: 'history', history: 'deep', target: 'run' },
        end: { type: 'final' },
      },
    },
    failed: {
      always: { guard: 'isNew', target: 'idle' },
      on: { Resume: 'work.before', 'error.*': {} },
    },
    both: {
      type: 'parallel',
      onDone: 'done',
      on: { Split: { target: ['.left.l2', '.right.r2'] } },
      states: {
        left: { initial: 'l1', states: { l1: { on: { X: 'l2' } }, l2: {} } },
        right: { initial: 'r1', states: { r1: {}, r2: { type: 'final' } } },
        last: { type: 'history' },
        empty: {},
      },
    },
    far: { id: 'far', route: { guard: 'isNew' } },
    done: { type: 'final', entry: 'note', output: { is: 'done' } },
  },
}) as never

/** Of so many states and two transitions for each, by tens in states that hold them. */
export function large(states: number): AnyStateMachine {
  const group = (index: number) => ({
    initial: 'step0',
    on: { [`GoTo${index}`]: `group${(index + 1) % (states / 10)}` },
    states: Object.fromEntries(
      Array.from({ length: 9 }, (_, step) => [
        `step${step}`,
        {
          on: {
            GoOn: { target: `step${(step + 1) % 9}`, guard: 'mayGoOn', actions: 'count' },
            ...(step % 3 === 0 ? { Skip: `step${(step * 5 + index) % 9}` } : {}),
            ...(step === 4 ? { Leave: `#large.group${(index * 7) % (states / 10)}` } : {}),
          },
        },
      ]),
    ),
  })
  return createMachine({
    id: 'large',
    initial: 'group0',
    states: Object.fromEntries(
      Array.from({ length: states / 10 }, (_, index) => [`group${index}`, group(index)]),
    ),
  } as never)
}

/** What somebody might name a state, an event, a guard or an action, to break what shows it. */
export const hostileNames = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "it's </title></svg>",
  '&amp;&#x3c;]]><!--',
  'bell\u0007 escape\u001b[2J null\u0000',
  'turn\u202e around \u2066here',
  'half \ud800 a pair',
  'no character \ufffe\uffff',
  'two\nlines\r\n\u2028',
  `z${'\u0301'.repeat(50)}`,
  '# ; : " ` \\ %% --> { } [*]',
  '**bold** _thin_ ~~gone~~ [a](b)',
  '1. one',
  '- two',
  'end',
  'style x fill:#fff;',
  'x'.repeat(500),
  'aVeryLongNameThatGoesOn'.repeat(20),
  `${'w '.repeat(300)}`,
  '日本語の状態の名前はとても長いので折り返される',
  'שלום עולם',
  '👩‍👩‍👧 🇩🇪',
  'a.b|c|0',
  ' ',
]

/** A machine in which everything is called by these names. */
export function named(names: readonly string[]): AnyStateMachine {
  const states = names.map((name, index) => [
    `${name}${index}`,
    {
      id: `n${index}`,
      entry: name,
      tags: [name],
      description: name,
      on: {
        [name === '' ? 'E' : name]: [
          { target: `#n${(index + 1) % names.length}`, guard: name, actions: [name, name] },
          { guard: { type: name, params: { name } }, actions: name },
        ],
      },
    },
  ])
  const machine = { id: names[0], initial: states[0]![0], states: Object.fromEntries(states) }
  return createMachine(machine as never)
}
