import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ordinal, serve } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { bob } from '../../support/orders.ts'
import { connect } from '../../support/rpc.ts'
import { eventsIn, logOf, shop } from '../../upkeep/logs.ts'

const program = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))
const path = (name: string) => join(temporaryFolder(), name)
const idsIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(JSON.parse(line).id))

describe('ordinal export', () => {
  it('writes to stdout, also beside a server', async () => {
    const data = path('data')
    const server = await serve(data, '--first-event-id', '2001')
    const client = await connect(server.address)
    await client.call('order.new', bob.new)
    await client.call('order.modify', bob.modify)
    const { code, stdout, stderr } = await ordinal('export', '--data', data)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(idsIn(stdout)).toEqual([2001, 2002])
    const from = await ordinal('export', '--data', data, '--from', '2002')
    expect(idsIn(from.stdout)).toEqual([2002])
    const none = await ordinal('export', '--data', data, '--from', '2003')
    expect(none).toMatchObject({ code: 0, stdout: '' })
    expect(await ordinal('export', '--data', data, '--from', '2004')).toMatchObject({
      code: 1,
      stderr: 'ordinal: There is no event 2004 yet: the newest is 2002.\n',
    })
  })

  it('writes to a file, and goes on in it', async () => {
    const data = path('data')
    const file = path('events.ndjson')
    const events = shop(60)
    await logOf(events.slice(0, 40), { folder: data })
    const args = ['export', file, '--data', data]
    expect((await ordinal(...args)).stdout).toBe(`${file}: events 1 to 40.`)
    const there = await ordinal(...args)
    expect(there).toMatchObject({ code: 1, stdout: '' })
    expect(there.stderr).toBe(
      `ordinal: ${file} is there, and ends with event 40: --from 41 goes on, another file begins anew.\n`,
    )
    expect((await ordinal(...args, '--from', '41')).stdout).toBe(
      `${file}: there are no more events.`,
    )
    const more = await linesIn(events)
    await ordinal('import', more, '--data', data)
    // As if it had been cut off.
    appendFileSync(
      file,
      readFileSync(await linesIn(events), 'utf8')
        .split('\n')[40]!
        .slice(0, 60),
    )
    const json = await ordinal(...args, '--from', '41', '--json')
    expect(JSON.parse(json.stdout)).toEqual({ data, file, first: 41, last: 60 })
    const one = await ordinal('export', '--data', data)
    expect(idsIn(readFileSync(file, 'utf8'))).toEqual(idsIn(one.stdout))
  })

  it('waits for a reader that is slow, and ends quietly with one that has seen enough', async () => {
    const data = await logOf(shop(5000))
    const pipeline = '"$0" "$1" export --data "$2" | (sleep 1; cat) | wc -l'
    const all = execFileSync('sh', ['-c', pipeline, process.execPath, program, data])
    expect(Number(all)).toBe(5000)
    const first = '("$0" "$1" export --data "$2"; echo "ended with $?" >&2) 2>"$3" | head -n 1'
    const errors = path('errors')
    const line = execFileSync('sh', ['-c', first, process.execPath, program, data, errors])
    expect(idsIn(String(line).trim())).toEqual([1])
    expect(readFileSync(errors, 'utf8')).toBe('ended with 0\n')
  })

  it('refuses a file that holds something else', async () => {
    const file = path('letter.txt')
    writeFileSync(file, 'Dear Bob,\n')
    const { code, stderr } = await ordinal('export', file, '--data', await logOf(shop(3)))
    expect(code).toBe(1)
    expect(stderr).toContain(`${file} is there, and is no export of events`)
    expect(readFileSync(file, 'utf8')).toBe('Dear Bob,\n')
  })
})

/** A file of these events, exported. */
async function linesIn(events: ReturnType<typeof shop>): Promise<string> {
  const file = path('lines.ndjson')
  const { stdout } = await ordinal('export', '--data', await logOf(events))
  writeFileSync(file, `${stdout}\n`)
  return file
}

describe('ordinal import', () => {
  it('makes a log of a file, goes on with what is new, and says so', async () => {
    const events = shop(60, 2001)
    const file = await linesIn(events)
    const half = path('half.ndjson')
    const lines = readFileSync(file, 'utf8').split('\n')
    writeFileSync(half, `${lines.slice(0, 40).join('\n')}\n`)
    const data = path('data')
    const first = await ordinal('import', half, '--data', data)
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toBe(`${data}: 40 events were appended. Its newest event is 2040.`)
    const rest = await ordinal('import', file, '--data', data)
    expect(rest.stdout).toBe(
      `${data}: 20 events were appended, 40 were there already. Its newest event is 2060.`,
    )
    const again = await ordinal('import', file, '--data', data, '--json')
    expect(JSON.parse(again.stdout)).toEqual({ data, appended: 0, skipped: 60, head: 2060 })
    expect(await eventsIn(data)).toEqual(events)
  })

  it('reads from a pipe', async () => {
    const file = await linesIn(shop(60))
    const data = path('data')
    const pipeline = 'gzip < "$2" | gunzip | "$0" "$1" import --data "$3"'
    const said = execFileSync('sh', ['-c', pipeline, process.execPath, program, file, data])
    expect(String(said)).toBe(`${data}: 60 events were appended. Its newest event is 60.\n`)
  })

  it('names the line that is bad, and leaves what is before it sound', async () => {
    const file = await linesIn(shop(60))
    truncateSync(file, readFileSync(file).length - 100)
    const data = path('data')
    const { code, stdout, stderr } = await ordinal('import', file, '--data', data)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^ordinal: Line 60 cannot be imported: it is not JSON in UTF-8 \(.*\)\. What is before it was: the log ends with event 59\.\n$/,
    )
    const verdict = await ordinal('verify', '--data', data)
    expect(verdict.stdout).toBe(`${data} is sound: events 1 to 59, of 20 orders.`)
  })

  it('refuses to import beside a server, and says which', async () => {
    const file = await linesIn(shop(60))
    const data = temporaryFolder()
    await serve(data)
    const { code, stderr } = await ordinal('import', file, '--data', data)
    expect(code).toBe(1)
    expect(stderr).toContain(`${data} is being written by process`)
  })

  it('says where there is no such file, or nothing in it', async () => {
    const data = path('data')
    const missing = await ordinal('import', path('nothing.ndjson'), '--data', data)
    expect(missing.code).toBe(1)
    expect(missing.stderr).toMatch(/^ordinal: ENOENT: no such file or directory/)
    const empty = path('empty.ndjson')
    writeFileSync(empty, '')
    const none = await ordinal('import', empty, '--data', data)
    expect(none).toMatchObject({ code: 0, stdout: 'There were no events to import.' })
    expect(existsSync(data)).toBe(false)
  })
})
