/** A client of somebody else, in another language: Python, with the websockets package. */
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { MemoryLog, openEngine } from '../../src/index.ts'

const run = promisify(execFile)

/** The first Python that has the package; undefined where none has. */
function pythonWithWebsockets(): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import websockets']).status === 0,
  )
}

it('serves a client in Python: Bob buys, changes 5 to 6, and pays $60', async (context) => {
  const python = pythonWithWebsockets()
  if (python === undefined) {
    const note = 'There is no python3 with the websockets package (Debian: python3-websockets).'
    console.warn(`SKIPPED: the client in Python. ${note}`)
    return context.skip(note)
  }
  const engine = await openEngine({
    log: new MemoryLog({ epoch: 'story', firstEventId: 2001 }),
    listen: { port: 0 },
  })
  try {
    const { host, port } = engine.address!
    const script = join(import.meta.dirname, 'bob.py')
    const { stdout } = await run(python, [script, `ws://${host}:${port}/ws`])
    const said = JSON.parse(stdout)
    expect(said.subprotocol).toBe('orders.v1.json')
    expect(said.receipts).toEqual(
      [2001, 2002, 2003].map((eventId, index) => ({
        orderId: 'bob-1',
        version: index + 1,
        eventId,
        recordedAt: expect.any(Number),
        replayed: false,
      })),
    )
    expect(said.refused.error).toMatchObject({
      code: 2006,
      data: { reason: 'OVERPAYMENT', balance: 0, retryable: false, outcome: 'not_applied' },
    })
    expect(said.view).toMatchObject({
      orderId: 'bob-1',
      status: 'paid',
      version: 3,
      total: 6000,
      paid: 6000,
      balance: 0,
      lines: [{ sku: 'widget', quantity: 6, unitPrice: 1000 }],
    })
    expect(said.history.events).toMatchObject([
      { eventId: 2001, type: 'NewOrderEvent', previousEventId: null },
      { eventId: 2002, type: 'ModifyOrderEvent', previousEventId: 2001 },
      { eventId: 2003, type: 'OrderPaymentEvent', previousEventId: 2002 },
    ])
    const views = said.told.flatMap(({ params }: any) => params.views)
    expect(views.map((view: any) => view.version)).toEqual([1, 2, 3])
    expect(views.at(-1)).toEqual(said.view)
    expect(engine.get('bob-1')).toEqual(said.view)
  } finally {
    await engine.close()
  }
})
