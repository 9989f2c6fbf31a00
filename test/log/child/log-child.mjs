// Opens a log in a process of its own, as its first argument says. Says one JSON object a line.
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openLogForReading, openLogForWriting } from '../../../dist/log/lmdb-log.js'
import { systemRuntime as runtime } from '../../../dist/runtime.js'

const [command, folder, ...options] = process.argv.slice(2)
const say = (said) => process.stdout.write(`${JSON.stringify(said)}\n`)
const saidOf = ({ name, code, message }) => ({ name, code, message })
const openForWriting = () => openLogForWriting({ folder, domain: 'test', runtime })
const inputEnds = () => new Promise((resolve) => process.stdin.on('end', resolve).resume())

function following(head, count, bytes = 10) {
  return Array.from({ length: count }, (_, index) => ({
    eventId: head + 1 + index,
    type: 'TestEvent',
    orderId: `order-${head + 1 + index}`,
    version: 1,
    previousEventId: null,
    recordedAt: 1,
    by: null,
    commandId: null,
    commandHash: null,
    schema: 1,
    data: { text: 'x'.repeat(bytes) },
  }))
}

async function idsOf(read) {
  const ids = []
  for await (const batch of read) ids.push(...batch.map((event) => event.eventId))
  return ids
}

/** Says whether what it read is contiguous, and where it ends. */
async function check(log) {
  const ids = await idsOf(log.read(log.firstEventId))
  const isSound = ids.every((id, index) => id === log.firstEventId + index)
  return { head: log.head, read: ids.at(-1) ?? log.firstEventId - 1, isSound }
}

/** Opens the log, for `nobody` without the rights of root, which no file mode stops, and says what came of it. */
async function open(openLog) {
  if (options.includes('nobody') && process.getuid() === 0) {
    process.setgroups([])
    process.setgid(65534)
    process.setuid(65534)
  }
  try {
    const log = openLog()
    say(await check(log))
    await log.close()
  } catch (error) {
    say(saidOf(error))
  }
}

/** Holds the log until its input ends. */
async function hold() {
  const log = openForWriting()
  say({ pid: process.pid, head: log.head })
  await inputEnds()
  await log.close()
}

/** Appends until it is killed, two at a time, and says the head after each. */
async function append() {
  const log = openForWriting()
  let ahead = log.head
  for (;;) {
    const count = 1 + (ahead % 7)
    const appends = [log.append(following(ahead, count), ahead)]
    appends.push(log.append(following(ahead + count, 1), ahead + count))
    ahead += count + 1
    for (const append of appends) await append.then(() => say({ head: log.head }))
  }
}

/** Says the head, and all events after the one that each line of its input names. */
async function watch() {
  const log = openLogForReading(folder)
  say({ head: log.head })
  for await (const line of createInterface({ input: process.stdin })) {
    const head = log.head
    say({ head, ids: await idsOf(log.read(Number(line) + 1)) })
  }
  await log.close()
}

/** Appends two at a time until one fails, and says which landed and how the others ended. */
async function fill(log, bytes) {
  for (;;) {
    const durable = log.head
    const first = log.append(following(durable, 3, bytes), durable)
    // It may have failed before the second is begun.
    first.catch(() => {})
    if (options.includes('apart')) await new Promise(setImmediate)
    const second = log.append(following(durable + 3, 1, bytes), durable + 3)
    const ended = Promise.allSettled([first, second])
    let isUnderWay = true
    void ended.then(() => {
      isUnderWay = false
    })
    // Reads go on while it is found out what the failure means.
    while (isUnderWay) {
      await log.readBack(1, 1).next()
      await idsOf(log.read(log.head))
      await new Promise(setImmediate)
    }
    const ends = await ended
    const failures = ends.filter(({ reason }) => reason).map(({ reason }) => saidOf(reason))
    if (failures.length > 0) return { landed: ends.length - failures.length, failures, durable }
  }
}

const appendOne = (log) =>
  log.append(following(log.head, 1), log.head).then(
    () => ({ head: log.head }),
    (error) => saidOf(error),
  )

/** Fills the disk, makes room, appends on, fills it again, and opens the log anew. */
async function fillDisk() {
  const filler = `${folder}.filler`
  const bytes = Number(options[0])
  writeFileSync(filler, Buffer.alloc(2 ** 20, 1))
  const log = openForWriting()
  say({ ...(await fill(log, bytes)), ...(await check(log)) })
  rmSync(filler)
  say(await appendOne(log))
  say({ ...(await fill(log, bytes)), ...(await check(log)) })
  await log.close()
  say(await check(openLogForReading(folder)))
}

/** Opens a log on a disk that is full to the last byte, and appends to it. */
async function openOnFullDisk() {
  const made = openForWriting()
  await appendOne(made)
  await made.close()
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(`${folder}.filler`, Buffer.alloc(bavail * bsize, 1))
  const log = openForWriting()
  say(await check(log))
  say(await appendOne(log))
  rmSync(`${folder}.filler`)
  say(await appendOne(log))
  await log.close()
}

/** Appends until no file may grow any more, though the disk has room; then once more. */
async function fillFile() {
  const log = openForWriting()
  say({ ...(await fill(log, 50_000)), ...(await check(log)) })
  say(await appendOne(log))
  say(await check(log))
  await log.close()
  say({ closed: true })
}

/** Reads the tree as it is now, without Ordinal, until it is killed. */
async function stall() {
  const { open: openTree } = await import('lmdb')
  const tree = openTree({ path: join(folder, 'events.mdb'), encoding: 'binary', readOnly: true })
  const transaction = tree.useReadTransaction()
  tree.get(1, { transaction })
  say({ reading: true })
  await inputEnds()
}

const commands = {
  stall,
  open: () => open(openForWriting),
  'open-for-reading': () => open(() => openLogForReading(folder)),
  hold,
  append,
  watch,
  'fill-disk': fillDisk,
  'open-on-full-disk': openOnFullDisk,
  'fill-file': fillFile,
}
await commands[command]()
