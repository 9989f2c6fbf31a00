/** A second domain, as small as one can be: a parcel is sent, weighed once, and arrives. */
import { Type } from 'typebox'
import { assign, setup } from 'xstate'
import { type Domain, guardThatRefused, type View } from '../../src/index.ts'

type Context = { to: string; grams: number }
type Commands = {
  'parcel.send': { orderId?: string; to: string }
  'parcel.weigh': { orderId: string; grams: number }
  'parcel.arrive': { orderId: string }
}

const machine = setup({
  types: { context: {} as Context, events: {} as { type: string; data: Partial<Context> } },
  guards: { isNotWeighed: ({ context }) => context.grams === 0 },
  actions: { write: assign(({ event }) => event.data) },
}).createMachine({
  context: { to: '', grams: 0 },
  initial: 'packed',
  states: {
    packed: { on: { ParcelSent: { target: 'sent', actions: 'write' } } },
    sent: {
      on: {
        ParcelWeighed: { guard: 'isNotWeighed', actions: 'write' },
        ParcelArrived: { target: 'arrived' },
      },
    },
    arrived: {},
  },
})

const method = (records: string, data: Type.TProperties, creates = false) => {
  const orderId = creates ? Type.Optional(Type.String()) : Type.String()
  return { title: records, records, creates, params: Type.Object({ orderId, ...data }) }
}
const methods = {
  'parcel.send': method('ParcelSent', { to: Type.String() }, true),
  'parcel.weigh': method('ParcelWeighed', { grams: Type.Integer({ minimum: 1 }) }),
  'parcel.arrive': method('ParcelArrived', {}),
}
const form = { schema: 1, data: Type.Object({}) }

export const parcelDomain: Domain<Commands, View & Context> = {
  name: 'parcel',
  machine,
  methods,
  events: { ParcelSent: form, ParcelWeighed: form, ParcelArrived: form },
  refusals: {},
  decide(snapshot, name, { orderId: _, ...data }: { orderId?: string }) {
    const event = { type: methods[name as keyof Commands].records, data }
    if (snapshot.can(event)) return event
    const details = { guard: guardThatRefused(snapshot, event) }
    return { refused: 'NOT_ALLOWED', message: `not while ${snapshot.value}`, details }
  },
  view({ value, context }, standing) {
    return { ...standing, ...context, state: value, status: String(value), can: [] }
  },
  owner: () => null,
}
