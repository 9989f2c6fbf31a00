/** That what strace writes is read as it is meant, and that nothing is passed over that changes a file. */
import { describe, expect, it } from 'vitest'
import { claimOf, messagesOf } from './frames.ts'
import { type Change, Reader } from './operations.ts'
import { parseTrace } from './trace.ts'

const hex = (text: string) =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
const quoted = (text: string) => `"${hex(text)}"`
const events = '/root/data/events.mdb'
const fd = (number: number, path = events) => `${number}<${hex(path)}>`

/** What these lines of a trace did below /root. */
function changesOf(...lines: string[]): readonly Change[] {
  const there = new Map([
    ['/root', 'folder' as const],
    ['/root/data', 'folder' as const],
    [events, 'file' as const],
  ])
  const reader = new Reader('/root', there)
  for (const call of parseTrace(`${lines.join('\n')}\n`)) reader.take(call)
  return reader.operations.map(({ change }) => change)
}

const opened = (number: number, flags: string, path = events) =>
  `7 openat(AT_FDCWD<${hex('/')}>, ${quoted(path)}, ${flags}, 0664) = ${fd(number, path)}`

describe('a trace', () => {
  it('has calls that began before others had ended', () => {
    const calls = parseTrace(
      [
        `7 fdatasync(${fd(20)} <unfinished ...>`,
        `8 write(${fd(9, 'socket:[1]')}, ${quoted(') = 1')}, 5) = 5`,
        '7 <... fdatasync resumed>)           = 0',
        `8 fdatasync(${fd(20)} <unfinished ...>`,
        '7 +++ killed by SIGKILL +++',
        '8 <... fdatasync resumed>)           = ?',
        '8 +++ killed by SIGKILL +++',
      ].join('\n'),
    )
    expect(calls).toMatchObject([
      { name: 'fdatasync', begins: 0, ends: 2, result: '0' },
      { name: 'write', begins: 1, ends: 1, result: '5' },
      { name: 'fdatasync', begins: 3, ends: undefined, result: undefined },
    ])
  })

  it.each([
    ['a line that is not of strace', 'strace: something went wrong', 'Line 1'],
    ['a string that is cut short', `7 write(${fd(3)}, ${quoted('a')}..., 5) = 5`, 'cut short'],
    ['an end without a beginning', '7 <... write resumed>) = 5', 'did not begin'],
  ])('is refused with %s', (_, line, message) => {
    expect(() => parseTrace(line)).toThrow(message)
  })
})

describe('what is done to a file', () => {
  it('is each write, at its place, and whether it flushes itself', () => {
    const changes = changesOf(
      opened(20, 'O_RDWR|O_CREAT'),
      opened(21, 'O_WRONLY|O_DSYNC|O_CLOEXEC'),
      `7 pwrite64(${fd(20)}, ${quoted('abc')}, 3, 8192) = 3`,
      `7 lseek(${fd(20)}, 4096, SEEK_SET) = 4096`,
      `7 writev(${fd(20)}, [{iov_base=${quoted('ab')}, iov_len=2}, {iov_base=${quoted('cd')}, iov_len=2}], 2) = 4`,
      `7 write(${fd(20)}, ${quoted('ef')}, 2) = 1`,
      `7 fdatasync(${fd(20)}) = 0`,
      `7 pwrite64(${fd(21)}, ${quoted('m')}, 1, 40) = 1`,
      `7 pwrite64(${fd(20)}, ${quoted('z')}, 1, 0) = -1 EIO (Input/output error)`,
    )
    const write = { kind: 'write', path: events, isSync: false }
    expect(changes).toEqual([
      { ...write, at: 8192, bytes: Buffer.from('abc') },
      { ...write, at: 4096, bytes: Buffer.from('abcd') },
      { ...write, at: 4100, bytes: Buffer.from('e') },
      { kind: 'flush', path: events },
      { ...write, at: 40, bytes: Buffer.from('m'), isSync: true },
    ])
  })

  it('is how much longer zeros make it that are appended', () => {
    const changes = changesOf(
      opened(20, 'O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC'),
      `7 write(${fd(20)}, ${quoted('\0\0\0')}, 3) = 2`,
    )
    expect(changes).toEqual([{ kind: 'lengthen', path: events, bytes: 2 }])
  })

  it('is each name, too, but not of the files that nobody flushes', () => {
    const [mark, copy] = ['/root/data/ordinal.json', '/root/data/ordinal.json.new']
    const changes = changesOf(
      `7 mkdir(${quoted('/root/b')}, 0777) = 0`,
      opened(22, 'O_WRONLY|O_CREAT|O_TRUNC', copy),
      opened(23, 'O_RDWR|O_CREAT|O_APPEND', '/root/data/writer.lock'),
      `7 write(${fd(23, '/root/data/writer.lock')}, ${quoted('x')}, 1) = 1`,
      `7 rename(${quoted(copy)}, ${quoted(mark)}) = 0`,
      `7 fsync(${fd(24, '/root/data')}) = 0`,
      `7 unlink(${quoted(events)}) = 0`,
      `7 unlink(${quoted('/elsewhere')}) = 0`,
    )
    expect(changes).toEqual([
      { kind: 'make folder', path: '/root/b' },
      { kind: 'make file', path: copy },
      { kind: 'rename', path: copy, to: mark },
      { kind: 'flush folder', path: '/root/data' },
      { kind: 'remove', path: events },
    ])
  })

  const mapped = (how: string) => `7 mmap(NULL, 8192, ${how}, MAP_SHARED, ${fd(20)}, 0) = 0x7f0000`
  it.each<[string, string[]]>([
    ['written by memory', [mapped('PROT_READ|PROT_WRITE')]],
    [
      'made writable by memory',
      [mapped('PROT_READ'), '7 mprotect(0x7f1000, 4096, PROT_READ|PROT_WRITE) = 0'],
    ],
    ['io_uring', ['7 io_uring_setup(64, {flags=IORING_SETUP_SQPOLL}) = 9<x>']],
    ['not in the model', [`7 fallocate(${fd(20)}, 0, 0, 4096) = 0`]],
    ['not in the model', [`7 link(${quoted(events)}, ${quoted('/root/b')}) = 0`]],
    ['appended to', [opened(20, 'O_WRONLY|O_APPEND'), `7 write(${fd(20)}, ${quoted('a')}, 1) = 1`]],
    ['is not known', [`7 write(${fd(20)}, ${quoted('a')}, 1) = 1`]],
  ])('is refused where it is %s', (message, lines) => {
    expect(() => changesOf(...lines)).toThrow(message)
  })

  it('may be read by memory', () => {
    const changes = changesOf(
      mapped('PROT_READ'),
      '7 munmap(0x7f0000, 8192) = 0',
      '7 mprotect(0x7f0000, 4096, PROT_READ|PROT_WRITE) = 0',
    )
    expect(changes).toEqual([])
  })
})

describe('what is said', () => {
  /** A frame as a server sends it. */
  function frame(text: string, kind = 0x81): Buffer {
    const body = Buffer.from(text)
    const short = Buffer.from([kind, body.length])
    const long = Buffer.from([kind, 126, body.length >> 8, body.length & 255])
    return Buffer.concat([body.length < 126 ? short : long, body])
  }
  const upgrade = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n')

  it('is each text frame of a socket, with where it begins and ends', () => {
    const [short, ping, long] = [frame('{"a":1}'), frame('', 0x89), frame('x'.repeat(300))]
    const half = frame('not all of it').subarray(0, 5)
    const stream = Buffer.concat([upgrade, short, ping, long, half])
    const start = upgrade.length
    expect(messagesOf(stream)).toEqual([
      { start, end: start + 9, text: '{"a":1}' },
      { start: start + 11, end: start + 11 + 304, text: 'x'.repeat(300) },
    ])
  })

  it('is each line of a pipe', () => {
    expect(messagesOf(Buffer.from('one\ntwo'))).toEqual([
      { start: 0, end: 3, text: 'one' },
      { start: 4, end: 7, text: 'two' },
    ])
  })

  it.each([
    ['in pieces', 0x01],
    ['in binary', 0x82],
  ])('is refused where it comes %s', (_, kind) => {
    expect(() => messagesOf(Buffer.concat([upgrade, frame('text', kind)]))).toThrow(
      'one whole text',
    )
  })

  it('claims the greatest eventId that it names', () => {
    expect(claimOf('{"eventId":7,"views":[{"eventId":12,"x":99}],"previous":50}')).toBe(12)
    expect(claimOf('{"epoch":"e","head":5}')).toBe(5)
    expect(claimOf('{"jsonrpc":"2.0"}')).toBe(0)
  })
})
