// Damages a copy of a log in one bit after the other, opens it each time, and says what came of it: one
// JSON object a line, and one before each opening, so that it is known at which of them it died.
import { cpSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openLogForReading, openLogForWriting } from '../../../dist/log/lmdb-log.js'
import { systemRuntime as runtime } from '../../../dist/runtime.js'

const [sound, copy, mode] = process.argv.slice(2)
const flips = JSON.parse(readFileSync(0, 'utf8'))
// Past the event loop, as the process may die at once.
const say = (said) => writeSync(1, `${JSON.stringify(said)}\n`)

async function eventsOf(log) {
  const events = []
  for await (const batch of log.read(log.firstEventId)) events.push(...batch.map(JSON.stringify))
  return events
}

const original = openLogForReading(sound)
const expected = await eventsOf(original)
await original.close()
cpSync(sound, copy, { recursive: true })
const path = join(copy, 'events.mdb')
const file = openSync(path, 'r+')
const byte = Buffer.alloc(1)
for (const { at, bit } of flips) {
  readSync(file, byte, 0, 1, at)
  byte[0] ^= 1 << bit
  writeSync(file, byte, 0, 1, at)
  const before = readFileSync(path)
  say({ at, bit })
  say({ at, bit, ...(await openAndRead()), changed: !readFileSync(path).equals(before) })
  byte[0] ^= 1 << bit
  writeSync(file, byte, 0, 1, at)
}

async function openAndRead() {
  let log
  try {
    log =
      mode === 'for writing'
        ? openLogForWriting({ folder: copy, domain: 'test', runtime })
        : openLogForReading(copy)
    const events = await eventsOf(log)
    const isSame = events.length === expected.length && events.every((e, i) => e === expected[i])
    return { served: isSame ? 'all' : 'not what was written' }
  } catch ({ name, message }) {
    return { refused: name, message }
  } finally {
    await log?.close()
  }
}
