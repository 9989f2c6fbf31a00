import { crc32 as ofZlib } from 'node:zlib'

/** zlib's polynomial, its bits reversed. */
const polynomial = 0xedb88320
/** Bytes that are taken in one step, each with a table of its own ("slicing-by-8", Intel, 2006). */
const stepBytes = 8
/** From so many bytes on zlib is faster, though calling it costs as much as some hundred bytes. */
const zlibBytesMin = 1024

const tables = makeTables()
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
]

/** The CRC-32 that zlib gives of the bytes from `start` to before `end`. */
export function crc32(bytes: Buffer, start: number, end: number): number {
  if (end - start >= zlibBytesMin) return ofZlib(bytes.subarray(start, end))
  let crc = -1
  let at = start
  for (; end - at >= stepBytes; at += stepBytes) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      t7[crc & 255]! ^
      t6[(crc >>> 8) & 255]! ^
      t5[(crc >>> 16) & 255]! ^
      t4[crc >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 255]!
  return ~crc >>> 0
}

/** Of each byte, with none to seven bytes of zeros after it. */
function makeTables(): readonly Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
    return crc
  })
  const all = [first]
  for (let count = 1; count < stepBytes; count++) {
    all.push(all[count - 1]!.map((crc) => (crc >>> 8) ^ first[crc & 255]!))
  }
  return all
}
