/** A sequencer on a log of the test's choosing, with everything it says written down in order. */
import { Checkpoints } from '../../src/checkpoint/checkpoints.ts'
import { OrderHeads } from '../../src/checkpoint/heads.ts'
import type { OpenedCheckpoint } from '../../src/checkpoint/stored/open.ts'
import { type Config, configure } from '../../src/config.ts'
import type { Change, Domain, Outcome, Recorded } from '../../src/domain.ts'
import type { EventLog } from '../../src/log/event-log.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { orderDomain } from '../../src/order/index.ts'
import { CommandForms } from '../../src/protocol/commands.ts'
import { type Runtime, systemRuntime } from '../../src/runtime.ts'
import type { Inspect } from '../../src/sequencer/actor-system.ts'
import type { Answer } from '../../src/sequencer/append.ts'
import { Sequencer } from '../../src/sequencer/sequencer.ts'
import { OrderView } from '../../src/view/order-view.ts'
import { rebuild } from '../../src/view/rebuild.ts'

export interface Setup {
  readonly log?: EventLog
  readonly checkpoint?: OpenedCheckpoint
  readonly limits?: Partial<Config>
  readonly inspect?: Inspect
  readonly domain?: Domain
  readonly runtime?: Runtime
  readonly onTell?: (batch: readonly Recorded[], changes: readonly Change[]) => void
}

export async function sequencerOn({
  log = new MemoryLog(),
  limits = {},
  inspect,
  domain = orderDomain as unknown as Domain,
  runtime = systemRuntime,
  onTell,
  checkpoint,
}: Setup = {}) {
  const config = configure(limits)
  const heads = new OrderHeads(checkpoint?.file)
  const view = new OrderView(domain as never, log, heads, runtime)
  const failures: unknown[] = []
  const onFailure = (error: unknown) => failures.push(error)
  const checkpoints =
    checkpoint && new Checkpoints({ ...checkpoint, of: view.cuts, config, runtime, onFailure })
  if (checkpoint) view.restore(checkpoint.file.stocktaking())
  await rebuild({ domain: domain as never, log, heads, view, runtime, config, checkpoints })
  checkpoints?.begin()
  const forms = new CommandForms(domain, runtime)
  const said: string[] = []
  const faults: Error[] = []
  let shown: Change[] = []
  const sequencer = new Sequencer({
    domain,
    log,
    heads,
    config,
    runtime,
    inspect,
    ownerOf: (orderId) => view.ownerOfOrder(orderId),
    show: (recorded, head) => {
      const before = head.view
      shown.push({ view: view.apply(recorded, head), before })
      said.push(`show ${recorded.event.eventId}`)
    },
    tell: (batch) => {
      const changes = shown
      shown = []
      said.push(`tell ${changes.map((change) => change.view.eventId)}`)
      onTell?.(batch, changes)
      checkpoints?.changed()
    },
    onFault: (fault) => faults.push(fault),
  })
  /** Resolves with the answer; rejects where it is a fault. */
  const submit = (
    method: string,
    params: object,
    { customerId = null, batch }: { customerId?: string | null; batch?: object | undefined } = {},
  ): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const command = forms.prepare(method, params, { by: null, customerId })
      const settle = (answer: Answer) => {
        if (answer instanceof Error) {
          said.push(`fault ${answer.name}`)
          return reject(answer)
        }
        said.push('refused' in answer ? `refuse ${answer.refused}` : `receipt ${answer.eventId}`)
        resolve(answer)
      }
      sequencer.take({ command, batch, order: undefined, outcome: undefined, settle })
    })
  return {
    ...{ sequencer, submit, forms, domain, view, heads, log, said, faults },
    ...{ checkpoints, failures },
  }
}

export const order = (orderId: string, more: object = {}) => ({
  orderId,
  currency: 'USD',
  lines: [{ sku: 'widget', quantity: 5, unitPrice: 1000 }],
  ...more,
})

/** Lets everything that is ready run. */
export async function settle(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}
