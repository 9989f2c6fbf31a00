/** What strace wrote of one process, as calls in the order in which they began and ended. */

/** The command by which to run a process that is recorded. */
export function recordedBy(trace: string): readonly string[] {
  // With a question mark, as no machine has all of them.
  const traced = [...changing, ...telling, ...mapping].map((name) => `?${name}`).join()
  return [
    'strace',
    // The process that is spawned is the one that is recorded, and gets the signals.
    ...[
      '--daemonize',
      '--follow-forks',
      '--seccomp-bpf',
      '--quiet=attach,personality',
      '--env=UV_USE_IO_URING=0',
    ],
    // All bytes of all strings, in hex, so that nothing in them is taken for something else.
    ...['--strings-in-hex=all', `--string-limit=${2 ** 24}`, '--no-abbrev', '--decode-fds=path'],
    // On a disk that is slow, so that whoever does not wait for it is seen not to.
    ...[`--inject=fdatasync:delay_exit=${flushUs}`, `--inject=pwrite64:delay_exit=${writeUs}`],
    ...[`--trace=${traced}`, '--signal=KILL', `--output=${trace}`, '--'],
  ]
}

/** How much longer each flush, and each write at a place, takes than by itself; in microseconds. */
const flushUs = 3000
const writeUs = 300

/** What changes files and folders, or brings them to the disk. */
const changing = [
  ...['open', 'openat', 'openat2', 'creat', 'mkdir', 'mkdirat', 'rmdir', 'unlink', 'unlinkat'],
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'symlink', 'symlinkat', 'truncate'],
  ...['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'lseek', 'ftruncate', 'fallocate'],
  ...['fsync', 'fdatasync', 'sync', 'syncfs', 'sync_file_range', 'msync', 'io_uring_setup'],
  ...['copy_file_range', 'sendfile', 'splice', 'dup', 'dup2', 'dup3'],
]
/** What tells others something, besides write and writev. */
const telling = ['sendto', 'sendmsg', 'sendmmsg']
const mapping = ['mmap', 'mprotect', 'munmap', 'mremap']

/** One call to the kernel. */
export interface Call {
  readonly name: string
  /** As strace has them, in the form that `recordedBy` asks for. */
  readonly args: string
  /** Where in the trace it began, and where it had ended: the numbers of these lines. */
  readonly begins: number
  /** Undefined where the process was killed before. */
  readonly ends: number | undefined
  /** What it returned; undefined where that is not known. */
  readonly result: string | undefined
}

const lineForm = /^(\d+) +/
const resumed = /^<\.\.\. (\w+) resumed>/
const unfinished = ' <unfinished ...>'

/**
 * The calls of a trace, in the order in which they began.
 *
 * @throws {Error} where a line is none that strace writes, or a string in it is cut short
 */
export function parseTrace(text: string): readonly Call[] {
  const calls: Call[] = []
  const open = new Map<string, { begins: number; text: string; place: number }>()
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue
    const [head, thread = ''] = lineForm.exec(line) ?? []
    if (head === undefined) throw new Error(`Line ${index + 1} of the trace is not strace's.`)
    const rest = line.slice(head.length)
    if (/^(\+\+\+|---) /.test(rest)) continue
    if (rest.endsWith(unfinished)) {
      const begun = { begins: index, text: rest.slice(0, -unfinished.length), place: calls.length }
      open.set(thread, begun)
      // Its place is kept for it until it has ended.
      calls.push(callOf(begun.text, index, undefined))
      continue
    }
    const [again] = resumed.exec(rest) ?? []
    if (again === undefined) {
      calls.push(callOf(rest, index, index))
      continue
    }
    const begun = open.get(thread)
    if (!begun) throw new Error(`Line ${index + 1} of the trace ends what did not begin.`)
    open.delete(thread)
    calls[begun.place] = callOf(begun.text + rest.slice(again.length), begun.begins, index)
  }
  return calls
}

function callOf(text: string, begins: number, ends: number | undefined): Call {
  const name = text.slice(0, text.indexOf('('))
  const end = text.lastIndexOf(') ')
  const ended = ends !== undefined && end >= 0
  const result = ended ? text.slice(end + 2).replace(/^ *= /, '') : undefined
  const args = text.slice(name.length + 1, ended ? end : undefined)
  if (args.includes('"...')) throw new Error(`strace has cut short what ${name} wrote.`)
  const isKnown = result !== undefined && !result.startsWith('?')
  return {
    name,
    args,
    begins,
    ends: isKnown ? ends : undefined,
    result: isKnown ? result : undefined,
  }
}

/** What a call returned, as a number: below zero where it failed. */
export const numberOf = ({ result }: Call): number | undefined =>
  result === undefined ? undefined : Number(/^-?(0x[0-9a-f]+|\d+)/.exec(result)?.[0])

/** A file descriptor in the args, or in a result, and what it leads to. */
export function descriptorIn(
  text: string,
): { readonly fd: number; readonly path: string } | undefined {
  const [, fd, hex] = /^(\d+)<([^>]*)>/.exec(text) ?? []
  return hex === undefined ? undefined : { fd: Number(fd), path: bytesOf(hex).toString() }
}

/** The strings in the args, one after the other, and what comes after the last. */
export function stringsIn(args: string): {
  readonly strings: readonly Buffer[]
  readonly rest: string
} {
  const strings: Buffer[] = []
  let at = 0
  for (;;) {
    const start = args.indexOf('"', at)
    if (start < 0) return { strings, rest: args.slice(at) }
    const end = args.indexOf('"', start + 1)
    strings.push(bytesOf(args.slice(start + 1, end)))
    at = end + 1
  }
}

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll('\\x', ''), 'hex')
