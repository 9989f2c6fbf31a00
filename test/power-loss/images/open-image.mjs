// Opens images of a disk with the built code, as after a reboot, and answers what is wrong with each.
// A tree that is broken can end this process; whoever started it takes that for an answer, too.

import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { OrderHeads } from '../../../dist/checkpoint/heads.js'
import { openCheckpoint } from '../../../dist/checkpoint/stored/open.js'
import { DataFolderError } from '../../../dist/errors.js'
import { openLogForReading, openLogForWriting } from '../../../dist/log/lmdb-log.js'
import { orderDomain } from '../../../dist/order/index.js'
import { systemRuntime as runtime } from '../../../dist/runtime.js'
import { faultOfCheckpoint } from '../../../dist/upkeep/checkpoint-check.js'

/** All events that were ever recorded, as text; the first is event 1. */
const recorded = readFileSync(process.argv[2], 'utf8').split('\n').slice(0, -1)

function eventAfter(head, bytes) {
  return {
    ...{ eventId: head + 1, type: 'TestEvent', orderId: `after-${head + 1}`, version: 1 },
    ...{ previousEventId: null, recordedAt: 1, by: null, commandId: null, commandHash: null },
    ...{ schema: 1, data: { text: 'x'.repeat(bytes) } },
  }
}

/** Reads all of a log, and holds it to what was recorded, and to what was appended after that. */
async function check(log, { epoch, acknowledged, isKnown }, appended = []) {
  const { head } = log
  const heads = new OrderHeads()
  const versions = new Map()
  if (isKnown && log.epoch !== epoch) throw new Error('it is another log')
  if (head < acknowledged) {
    throw new Error(`it ends with event ${head}, and ${acknowledged} was acknowledged`)
  }
  const expected = head - appended.length
  let at = 0
  for await (const batch of log.read(1)) {
    for (const event of batch) {
      const { eventId, orderId, version } = event
      if (eventId !== ++at) throw new Error(`event ${eventId} comes after ${at - 1}`)
      const isSame =
        at <= expected
          ? JSON.stringify(event) === recorded[at - 1]
          : isDeepStrictEqual(event, appended[at - expected - 1])
      if (!isSame) throw new Error(`event ${eventId} is not what was recorded`)
      heads.apply(event)
      if (version !== (versions.get(orderId) ?? 0) + 1)
        throw new Error(`${eventId} is no next version`)
      versions.set(orderId, version)
    }
  }
  if (at !== head) throw new Error(`it was read to event ${at}, and its head is ${head}`)
  return head
}

async function withLog(open, use) {
  const log = open()
  try {
    return await use(log)
  } finally {
    await log.close()
  }
}

/** What is read without writing anything; undefined where there is no log yet, as there may not be. */
async function read(image) {
  try {
    return await withLog(
      () => openLogForReading(image.folder),
      (log) => check(log, image),
    )
  } catch (error) {
    const isNotYet = error instanceof DataFolderError && /is not a data folder/.test(error.message)
    if (isNotYet && !image.isKnown) return undefined
    throw error
  }
}

/** The checkpoint, if there is one, is what the events lead to. */
async function checkCheckpoint({ folder, hasCheckpoint }, log) {
  const { file, removed } = await openCheckpoint(folder, log, orderDomain)
  try {
    const options = { file, log, domain: orderDomain, runtime, onProgress: () => {} }
    const fault = file.about && (await faultOfCheckpoint(options))
    if (fault) throw new Error(`of the checkpoint, ${fault}`)
    // What the power cut left of one of which nothing was ever flushed is no checkpoint.
    if (removed && hasCheckpoint) throw new Error(`the checkpoint was removed: ${removed}`)
    return file.size
  } finally {
    await file.close()
  }
}

/** The same for writing; then some appends, the second of several pages, and all of it again. */
function write(image) {
  const open = () => openLogForWriting({ folder: image.folder, domain: 'order', runtime })
  return withLog(open, async (log) => {
    const head = await check(log, image)
    const stored = await checkCheckpoint(image, log)
    const appended = []
    for (const bytes of [10, 10_000, 10]) {
      const event = eventAfter(log.head, bytes)
      await log.append([event], log.head)
      appended.push(event)
    }
    await check(log, image, appended)
    return { head, appended, stored }
  })
}

async function open(image) {
  let stage = 'for reading'
  try {
    const seen = image.isReadFirst ? await read(image) : undefined
    stage = 'for writing'
    const { head, appended, stored } = await write(image)
    if (seen !== undefined && seen !== head)
      throw new Error(`it ends with ${head}, and had ${seen}`)
    stage = 'for reading, after appends'
    await withLog(
      () => openLogForReading(image.folder),
      (log) => check(log, image, appended),
    )
    return { head, stored }
  } catch (error) {
    return { wrong: `opened ${stage}: ${error?.stack ?? error}` }
  }
}

process.on('message', (image) => void open(image).then((answer) => process.send(answer)))
