/** Logs of real orders, for tests of what looks after them. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Domain, RecordedEvent } from '../../src/domain.ts'
import { openLogForReading, openLogForWriting } from '../../src/log/lmdb-log.ts'
import type { OrderEvent } from '../../src/order/events.ts'
import { orderDomain } from '../../src/order/index.ts'
import { systemRuntime as runtime } from '../../src/runtime.ts'
import { cloudEventOf } from '../../src/upkeep/cloud-event.ts'
import { temporaryFolder } from '../support/folders.ts'
import { newOrder, paid, recorded, shipped } from '../support/orders.ts'

export const domain = orderDomain as unknown as Domain

/**
 * So many events of orders that are placed, paid and shipped, several at a time. Each third one has a
 * commandId, and each fifth somebody who did it.
 */
export function shop(count: number, firstEventId = 1): RecordedEvent[] {
  const steps: readonly OrderEvent[] = [newOrder(), paid(5000), shipped()]
  const events: RecordedEvent[] = []
  const heads = new Map<string, RecordedEvent>()
  for (let index = 0; index < count; index++) {
    // Five orders at a time: the first steps of all, the second steps of all, the third.
    const round = Math.floor(index / 15)
    const orderId = `order-${round * 5 + (index % 5)}`
    const before = heads.get(orderId)
    const step = steps[Math.floor((index % 15) / 5)]!
    const event = recorded({
      ...step,
      orderId,
      eventId: firstEventId + index,
      version: (before?.version ?? 0) + 1,
      previousEventId: before?.eventId ?? null,
      by: index % 5 === 0 ? 'the shop' : null,
      ...(index % 3 === 0 ? { commandId: `c-${index}`, commandHash: '0f'.repeat(16) } : {}),
    })
    heads.set(orderId, event)
    events.push(event)
  }
  return events
}

/** Makes a log of these events, in appends of so many; the rest in one. Returns its folder. */
export async function logOf(
  events: readonly RecordedEvent[],
  { appends = [], folder = join(temporaryFolder(), 'log') }: LogOptions = {},
): Promise<string> {
  const firstEventId = events[0]?.eventId ?? 1
  const log = openLogForWriting({ folder, domain: domain.name, firstEventId, runtime })
  let done = 0
  for (const count of [...appends, events.length]) {
    const batch = events.slice(done, done + count)
    if (batch.length > 0) await log.append(batch, log.head)
    done += batch.length
  }
  await log.close()
  return folder
}

interface LogOptions {
  readonly appends?: readonly number[]
  readonly folder?: string
}

/** Appends more events to a log, in appends of a hundred. */
export async function extend(folder: string, events: readonly RecordedEvent[]): Promise<void> {
  const log = openLogForWriting({ folder, domain: domain.name, runtime })
  for (let done = 0; done < events.length; done += 100) {
    await log.append(events.slice(done, done + 100), log.head)
  }
  await log.close()
}

/** All events of a log. */
export async function eventsIn(folder: string): Promise<RecordedEvent[]> {
  const log = openLogForReading(folder)
  const events: RecordedEvent[] = []
  for await (const batch of log.read(log.firstEventId)) events.push(...batch)
  await log.close()
  return events
}

/** Opens a log of orders for writing, until the test ends. */
export function writing(folder: string) {
  const log = openLogForWriting({ folder, domain: domain.name, runtime })
  onTestFinished(() => log.close())
  return log
}

export const markIn = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'ordinal.json'), 'utf8'))

/** Of the names and bytes in a folder; but for the lock files, which say nothing. */
export function hashOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) {
    if (/^(writer\.lock|.*\.mdb-lock)$/.test(name)) continue
    hash.update(`${name}\0`).update(readFileSync(join(folder, name)))
  }
  return hash.digest('hex')
}

/** These events as lines to import. */
export const cloudEventLines = (events: readonly RecordedEvent[]) =>
  events.map((event) => `${JSON.stringify(cloudEventOf(event, domain.name, 'epoch'))}\n`).join('')
