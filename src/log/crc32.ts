import { crc32 as ofZlib } from 'node:zlib'

/** zlib's polynomial, its bits reversed. */
const polynomial = 0xedb88320
/**
 * Bytes that are taken in one step, each with a table of its own (as Intel's "slicing-by-8" of 2006, and
 * twice as many): what a step begins with is what the one before ended with, so that few are better.
 */
const stepBytes = 16
/** From so many bytes on zlib is faster, though calling it costs as much as some hundred bytes. */
const zlibBytesMin = 640

const tables = makeTables() as Tables
// biome-ignore format: a table a line says nothing
const [t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15] = tables
type Table = Int32Array
type Four = [Table, Table, Table, Table]
type Tables = [...Four, ...Four, ...Four, ...Four]

/** The CRC-32 that zlib gives of the bytes of a view from `start` to before `end`. */
export function crc32(view: DataView, start: number, end: number): number {
  if (end - start >= zlibBytesMin) {
    return ofZlib(new Uint8Array(view.buffer, view.byteOffset + start, end - start))
  }
  let crc = -1
  let at = start
  for (; end - at >= stepBytes; at += stepBytes) {
    const a = crc ^ view.getInt32(at, true)
    const b = view.getInt32(at + 4, true)
    const c = view.getInt32(at + 8, true)
    const d = view.getInt32(at + 12, true)
    const ofA = t15[a & 255]! ^ t14[(a >>> 8) & 255]! ^ t13[(a >>> 16) & 255]! ^ t12[a >>> 24]!
    const ofB = t11[b & 255]! ^ t10[(b >>> 8) & 255]! ^ t9[(b >>> 16) & 255]! ^ t8[b >>> 24]!
    const ofC = t7[c & 255]! ^ t6[(c >>> 8) & 255]! ^ t5[(c >>> 16) & 255]! ^ t4[c >>> 24]!
    const ofD = t3[d & 255]! ^ t2[(d >>> 8) & 255]! ^ t1[(d >>> 16) & 255]! ^ t0[d >>> 24]!
    crc = ofA ^ ofB ^ ofC ^ ofD
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ t0[(crc ^ view.getUint8(at)) & 255]!
  return ~crc >>> 0
}

/** Of each byte, with none to fifteen bytes of zeros after it. */
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
