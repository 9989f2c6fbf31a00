/** The commands that look after the data where the system does not let them do what they would. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { ownMounts, skip } from '../../log/children.ts'
import { serve } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { cloudEventLines, hashOf, logOf, shop } from '../../upkeep/logs.ts'

const program = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

/** Runs the command line by another command. */
function ordinalBy(within: readonly string[], ...args: readonly string[]) {
  const [command = '', ...more] = [...within, process.execPath, program, ...args]
  const { status, signal, stdout, stderr } = spawnSync(command, more, { encoding: 'utf8' })
  return { code: status, signal, stdout, stderr }
}

/** By what to run a command as somebody who is not root, whom file modes stop. */
function nobody(context: TestContext): readonly string[] {
  if (process.getuid?.() !== 0) return []
  const way = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
  if (spawnSync(way[0]!, [...way.slice(1), 'true']).status === 0) return way
  return skip(context, 'to drop the rights of root (setpriv)')
}

const setMode = (path: string, mode: number) => {
  chmodSync(path, mode)
  onTestFinished(() => {
    if (existsSync(path)) chmodSync(path, 0o700)
  })
}

/** A folder that everyone may look into, with a log that everyone may read. */
async function readableLog(count: number) {
  const place = temporaryFolder()
  setMode(place, 0o755)
  const data = await logOf(shop(count), { folder: join(place, 'data') })
  chmodSync(data, 0o755)
  for (const name of readdirSync(data)) chmodSync(join(data, name), 0o644)
  return { place, data }
}

describe('without the right to write', () => {
  it('a log is verified, exported, copied and salvaged', async (context) => {
    const { data } = await readableLog(60)
    const before = hashOf(data)
    const free = temporaryFolder()
    setMode(free, 0o777)
    const by = nobody(context)
    expect(ordinalBy(by, 'verify', '--data', data)).toMatchObject({ code: 0, stderr: '' })
    expect(ordinalBy(by, 'export', '--data', data).stdout.trimEnd().split('\n')).toHaveLength(60)
    for (const command of ['backup', 'salvage']) {
      const target = join(free, command)
      const { code, stdout } = ordinalBy(by, command, target, '--data', data)
      expect(code).toBe(0)
      expect(stdout).toContain('1 to 60')
      expect(ordinalBy(by, 'verify', '--data', target).code).toBe(0)
    }
    expect(hashOf(data)).toBe(before)
  })

  it('a log is not read while a server writes it, as its pages could change meanwhile', async (context) => {
    const { data } = await readableLog(60)
    await serve(data)
    chmodSync(join(data, 'events.mdb-lock'), 0o644)
    for (const args of [['verify'], ['export'], ['backup', `${data}-2`], ['events']]) {
      const { code, stdout, stderr } = ordinalBy(nobody(context), ...args, '--data', data)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toBe(
        `ordinal: ${data} is being written, and who reads it then needs the right to write ` +
          `${join(data, 'events.mdb-lock')}: permission is denied.\n`,
      )
    }
  })

  it('nothing is copied or imported to where it is asked for', async (context) => {
    const { place, data } = await readableLog(60)
    const file = join(place, 'events.ndjson')
    writeFileSync(file, cloudEventLines(shop(60)))
    const target = join(place, 'new')
    for (const args of [
      ['backup', target, '--data', data],
      ['salvage', target, '--data', data],
      ['import', file, '--data', target],
      ['export', join(place, 'more.ndjson'), '--data', data],
    ]) {
      const { code, stdout, stderr } = ordinalBy(nobody(context), ...args)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^ordinal: \S+ cannot be written: permission is denied\.\n$/)
    }
    expect(existsSync(target)).toBe(false)
  })

  it('and without the right to read, the log is not read', async (context) => {
    const { data } = await readableLog(60)
    setMode(join(data, 'events.mdb'), 0o600)
    for (const args of [
      ['verify'],
      ['export'],
      ['backup', `${data}-2`],
      ['salvage', `${data}-2`],
    ]) {
      const { code, stdout, stderr } = ordinalBy(nobody(context), ...args, '--data', data)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^ordinal: \S+ cannot be opened: permission is denied\.\n$/)
    }
  })
})

it('on a file system that is read-only a log is read, and nothing written', async (context) => {
  const place = temporaryFolder()
  const data = await logOf(shop(60), { folder: join(place, 'data') })
  const file = join(temporaryFolder(), 'events.ndjson')
  writeFileSync(file, cloudEventLines(shop(61)))
  const readOnly = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
  const within = [...ownMounts(context), 'sh', '-c', readOnly, place]
  const before = hashOf(data)
  const free = temporaryFolder()
  expect(ordinalBy(within, 'verify', '--data', data)).toMatchObject({ code: 0, stderr: '' })
  for (const command of ['backup', 'salvage']) {
    expect(ordinalBy(within, command, join(free, command), '--data', data).code).toBe(0)
    const { code, stderr } = ordinalBy(within, command, join(place, 'new'), '--data', data)
    expect(code).toBe(1)
    expect(stderr).toContain('cannot be written: the file system is read-only.')
  }
  for (const args of [
    ['import', file],
    ['serve', '--port', '0'],
  ]) {
    const { code, stderr } = ordinalBy(within, ...args, '--data', data)
    expect(code).toBe(1)
    expect(stderr).toContain(`${data} cannot be written: the file system is read-only.`)
  }
  expect(hashOf(data)).toBe(before)
})

describe('where the disk is full', () => {
  it.for([
    ['backup', 2, 'There is no room left in'],
    ['salvage', 2, 'There is no room left in'],
    ['backup', 1, 'cannot be opened: there is no room for it (events.mdb-lock)'],
  ] as const)(
    'there is no copy, and it is said: %s, %i MB',
    async ([command, megabytes, why], context) => {
      const data = await logOf(shop(20_000))
      const place = temporaryFolder()
      const target = join(place, 'copy')
      const then = `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && "$@"; code=$?; ls -A "$0"/*; exit $code`
      const within = [...ownMounts(context), 'sh', '-c', then, place]
      const { code, stdout, stderr } = ordinalBy(within, command, target, '--data', data)
      // What was written is removed.
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^ordinal: [^\n]*\n$/)
      expect(stderr).toContain(why)
      expect(stderr).toContain(target)
    },
  )

  it('an import says how far it came, and the log is sound', async (context) => {
    const place = temporaryFolder()
    const data = join(place, 'data')
    const file = join(temporaryFolder(), 'events.ndjson')
    writeFileSync(file, cloudEventLines(shop(20_000)))
    const then = `mount -t tmpfs -o size=2m tmpfs "$0" && ("$@"; "$1" "$2" verify --data "$6")`
    const within = [...ownMounts(context), 'sh', '-c', then, place]
    const { stdout, stderr } = ordinalBy(within, 'import', file, '--data', data)
    const [, head] = /Its log ends with event (\d+), and is sound/.exec(stderr) ?? []
    expect(stderr).toContain(`There is no room left in ${data}.`)
    expect(Number(head)).toBeGreaterThan(0)
    expect(stdout).toContain(`${data} is sound: events 1 to ${head}, of`)
  })

  it('an export says so, and goes on when there is room', async (context) => {
    const data = await logOf(shop(8000))
    const place = temporaryFolder()
    const file = join(place, 'events.ndjson')
    const within = [
      ...ownMounts(context),
      ...['sh', '-c', 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"', place],
    ]
    const { code, stderr } = ordinalBy(within, 'export', file, '--data', data)
    expect(code).toBe(1)
    expect(stderr).toBe(`ordinal: ${file} cannot be written: the disk is full.\n`)
  })
})

describe('where few files may be open', () => {
  it('every command says so, and ends with 1, or does what it was asked', async () => {
    const data = await logOf(shop(60))
    const before = hashOf(data)
    const free = temporaryFolder()
    for (const [index, files] of [24, 32, 40, 48, 64, 96, 128].entries()) {
      const within = ['sh', '-c', `ulimit -n ${files} && exec "$@"`, 'sh']
      const target = join(free, String(index))
      for (const args of [['verify'], ['backup', target], ['salvage', `${target}-2`]]) {
        const { code, stdout, stderr } = ordinalBy(within, ...args, '--data', data)
        if (code === 0) expect(stdout).toContain('1 to 60')
        else {
          expect(code).toBe(1)
          expect(stdout).toBe('')
          expect(stderr).toMatch(/too many (open files|files are open)|EMFILE/i)
        }
      }
      rmSync(target, { recursive: true, force: true })
    }
    expect(hashOf(data)).toBe(before)
  })
})

it('where the target is below a file, or its name is too long, it is said', async () => {
  const data = await logOf(shop(6))
  const place = temporaryFolder()
  writeFileSync(join(place, 'file'), 'text')
  mkdirSync(join(place, 'folder'))
  for (const target of [join(place, 'file', 'copy'), join(place, 'folder', 'x'.repeat(300))]) {
    for (const command of ['backup', 'salvage']) {
      const { code, stderr } = ordinalBy([], command, target, '--data', data)
      expect(code).toBe(1)
      expect(stderr).toMatch(/^ordinal: \S+ cannot be written: .*\.\n$/)
    }
  }
})
