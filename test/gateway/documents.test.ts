/** Documents that an engine is opened with. */
import { expect, it } from 'vitest'
import { listening } from './serve.ts'

async function served(make: () => Promise<object>, limits = {}) {
  const documents = { '/made.json': make }
  const engine = await listening({ listen: { port: 0, documents }, limits })
  const { port } = engine.address!
  return () => fetch(`http://127.0.0.1:${port}/made.json`)
}

it('a document is made when it is first asked for, and kept', async () => {
  let made = 0
  const get = await served(async () => ({ made: ++made }))
  expect(made).toBe(0)
  const answers = await Promise.all([get(), get(), get()])
  for (const answer of answers) expect(await answer.json()).toEqual({ made: 1 })
  expect(answers[0]?.headers.get('content-type')).toContain('application/json')
  expect(await (await get()).json()).toEqual({ made: 1 })
})

/** Fails when it is made for the first time. */
function failing() {
  const tries = { count: 0 }
  const make = async () => {
    if (++tries.count === 1) throw new Error('no disk')
    return { count: tries.count }
  }
  return { tries, make }
}

it('one that could not be made is not tried again with each call', async () => {
  const { tries, make } = failing()
  const get = await served(make)
  expect((await get()).status).toBe(500)
  expect((await get()).status).toBe(503)
  expect(tries.count).toBe(1)
})

it('one that could not be made is tried again in time', async () => {
  const { tries, make } = failing()
  const get = await served(make, { chartRetryMs: 1 })
  await get()
  await expect.poll(async () => (await get()).status).toBe(200)
  expect(tries.count).toBe(2)
})
