import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { notPlain } from '../../src/checkpoint/plain.ts'
import { type Domain, openEngine } from '../../src/index.ts'
import { temporaryFolder } from '../support/folders.ts'
import { parcelDomain } from '../support/parcel.ts'

describe('what JSON can say of a view', () => {
  it.each([
    [{ a: 1, b: [null, true, 'x', { c: -1.5 }], d: undefined }, undefined],
    [Object.assign(Object.create(null), { a: 1 }), undefined],
    [{ a: { at: new Date(0) } }, 'view.a.at is a Date'],
    [{ a: [1, undefined] }, 'view.a.1 is a undefined'],
    [{ a: Number.NaN }, 'view.a is NaN'],
    [{ a: 1n }, 'view.a is a bigint'],
    [{ a: new Map() }, 'view.a is a Map'],
    [{ a: () => 1 }, 'view.a is a function'],
  ])('%o', (view, fault) => {
    expect(notPlain(view)).toBe(fault)
  })
})

it('a domain whose views JSON cannot say has no checkpoint, which is said, and shows what it would', async () => {
  const view: Domain['view'] = (snapshot, standing) => ({
    ...parcelDomain.view(snapshot, standing),
    at: new Date(standing.createdAt),
  })
  const errors: Record<string, any>[] = []
  const nothing = () => {}
  const data = join(temporaryFolder(), 'data')
  const open = () =>
    openEngine({
      data,
      domain: { ...parcelDomain, view } as never as typeof parcelDomain,
      limits: { checkpointOrdersMax: 1, checkpointMs: 1, ordersKeptMax: 1 },
      logger: {
        ...{ debug: nothing, info: nothing, warn: nothing },
        error: (fields) => errors.push(fields),
      },
    })
  for (let starts = 0; starts < 2; starts++) {
    const engine = await open()
    onTestFinished(() => engine.close())
    await engine.submit('parcel.send', { orderId: `p-${starts}`, to: 'bob' })
    await expect.poll(() => errors.length).toBeGreaterThan(0)
    expect(errors[0]!['why']).toMatch(
      /checkpoint\.mdb cannot hold the views of this domain: view\.at is a Date, which JSON cannot say\.$/,
    )
    await engine.close()
    expect(engine.list().orders).toHaveLength(starts + 1)
    for (const order of engine.list().orders) expect(order).toMatchObject({ at: expect.any(Date) })
    errors.length = 0
  }
})
