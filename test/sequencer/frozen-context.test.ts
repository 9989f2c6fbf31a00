/** A domain that changes what it is given is noticed when it is tried out. */
import { describe, expect, it } from 'vitest'
import { assign, setup } from 'xstate'
import type { Domain } from '../../src/domain.ts'
import { MachineError } from '../../src/errors.ts'
import { parcelDomain } from '../support/parcel.ts'
import { sequencerOn } from '../support/sequencer.ts'

const parcel = parcelDomain as unknown as Domain
const send = { orderId: 'a', to: 'Bob' }

/** A parcel that lists where it was, and whose machine writes as it is told to. */
const listing = (write: (where: string[], to: string) => string[]): Domain => ({
  ...parcel,
  machine: setup({
    types: { context: {} as { where: string[] }, events: {} as { type: string; data: any } },
  }).createMachine({
    context: { where: [] },
    on: {
      '*': {
        actions: assign({
          where: ({ context, event }) => write(context.where, event.data.to ?? 'there'),
        }),
      },
    },
  }),
  decide: (_, method) => ({ type: parcel.methods[method]!.records, data: { to: method } }),
})

describe('a domain', () => {
  it('that changes the context in decide stops at once', async () => {
    const domain: Domain = {
      ...parcel,
      decide(snapshot, method, params) {
        if (method === 'parcel.weigh') snapshot.context.grams = 5
        return parcel.decide(snapshot, method, params)
      },
    }
    const { submit, log } = await sequencerOn({ domain })
    await submit('parcel.send', send)
    const weigh = submit('parcel.weigh', { orderId: 'a', grams: 1 })
    await expect(weigh).rejects.toThrow(/parcel.weigh: Cannot assign to read only property 'grams'/)
    expect(log.head).toBe(1)
  })

  it('that changes the context with which all orders begin stops at the first', async () => {
    const domain = listing((where, to) => {
      where.push(to)
      return where
    })
    const { submit, log } = await sequencerOn({ domain, limits: { frozenStatesMax: 1 } })
    const sent = submit('parcel.send', send)
    await expect(sent).rejects.toThrow(MachineError)
    await expect(sent).rejects.toThrow(/ParcelSent.*object is not extensible/)
    expect(log.head).toBe(0)
  })

  it('that makes a new context is let be', async () => {
    const { submit } = await sequencerOn({ domain: listing((where, to) => [...where, to]) })
    expect(await submit('parcel.send', send)).toMatchObject({ version: 1 })
    expect(await submit('parcel.arrive', { orderId: 'a' })).toMatchObject({ version: 2 })
  })

  it('is watched only until as many states as may be are frozen', async () => {
    const contexts: object[] = []
    const { submit } = await sequencerOn({
      domain: parcel,
      limits: { frozenStatesMax: 2 },
      onTell: (batch) => contexts.push(...batch.map(({ snapshot }) => snapshot.context)),
    })
    for (const orderId of ['a', 'b', 'c']) await submit('parcel.send', { ...send, orderId })
    expect(contexts.map((context) => Object.isFrozen(context))).toEqual([true, true, false])
  })
})
