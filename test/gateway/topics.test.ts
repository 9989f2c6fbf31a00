import { expect, it } from 'vitest'
import { everything, Topics, topicOf } from '../../src/gateway/watch/topics.ts'

it('tell whether anyone listens to less than everything', () => {
  const topics = new Topics()
  const [all, one] = [{ topic: everything }, { topic: topicOf({ orderId: 'order-1' }) }]
  expect(topics.hasNarrower).toBe(false)
  topics.add(all)
  expect(topics.hasNarrower).toBe(false)
  topics.add(one)
  expect(topics.hasNarrower).toBe(true)
  topics.delete(all)
  expect(topics.hasNarrower).toBe(true)
  topics.delete(one)
  expect(topics.hasNarrower).toBe(false)
})
