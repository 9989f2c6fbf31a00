/** A line of a text, with its number from 1 on. */
export interface TextLine {
  readonly number: number
  readonly bytes: Buffer
}

const [newline, carriageReturn] = [0x0a, 0x0d]

/** A line is longer than may be. */
export class LongLineError extends Error {
  readonly line: number
  constructor(line: number, bytesMax: number) {
    super(`it is longer than ${bytesMax} bytes`)
    this.line = line
  }
}

/**
 * The lines of a text that comes in parts, but for those that are empty.
 *
 * @throws {LongLineError} at a line of more than `bytesMax` bytes, without holding all of it
 */
export async function* textLines(
  parts: AsyncIterable<Buffer>,
  bytesMax: number,
): AsyncGenerator<TextLine> {
  let number = 1
  let rest: Buffer = Buffer.alloc(0)
  for await (const part of parts) {
    const bytes = rest.length === 0 ? part : Buffer.concat([rest, part])
    let start = 0
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      yield* lineOf(bytes.subarray(start, end), number, bytesMax)
      start = end + 1
      number++
    }
    rest = bytes.subarray(start)
    if (rest.length > bytesMax) throw new LongLineError(number, bytesMax)
  }
  yield* lineOf(rest, number, bytesMax)
}

function* lineOf(bytes: Buffer, number: number, bytesMax: number): Generator<TextLine> {
  if (bytes.length > bytesMax) throw new LongLineError(number, bytesMax)
  const isEmpty = bytes.length === 0 || (bytes.length === 1 && bytes[0] === carriageReturn)
  if (!isEmpty) yield { number, bytes }
}
