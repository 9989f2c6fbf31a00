/** `npm run power-loss -- --images N --seed S`: cuts the power as often as one likes. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { wholeNumber } from '../../src/cli/terminal.ts'
import { type ImagesCounts, openImages } from './images/images.ts'
import { scratchFolder } from './images/scratch.ts'
import { record, requireStrace } from './recording/record.ts'
import { filesOf, readRecording } from './recording/recording.ts'
import { checkSaid } from './said.ts'

const program = new Command('power-loss')
  .description('Records what a server writes, and opens the disk as it may be after a power cut.')
  .option('--images <number>', 'how many images of the disk', wholeNumber(1), 4000)
  .option('--commands <number>', 'commands to each process of a recording', wholeNumber(1), 500)
  .option('--seed <number>', 'makes the same choices again', wholeNumber(0), Date.now() % 1_000_000)
  .option('--recording <folder>', 'take this recording, in place of new ones')
  .option('--image <number>', 'of that recording, lay out this image alone, and leave it there')
  .option('--first-start', 'cut the power at the first start alone, before the log is there')
  .addHelpText('after', '\nExample:\n  $ npm run power-loss -- --images 10000 --seed 7')
  .parse()
const { images, commands, seed, recording: kept, firstStart } = program.opts()
const only = program.opts()['image'] === undefined ? undefined : Number(program.opts()['image'])
if (only !== undefined && !Number.isInteger(only)) program.error('--image takes a number.')
if (only !== undefined && kept === undefined) program.error('--image needs --recording.')
if (kept !== undefined && !existsSync(filesOf(kept).about)) {
  program.error(
    `${kept} is no recording: a run that finds something says where it has kept its own.`,
  )
}
try {
  if (kept === undefined) requireStrace()
} catch (error) {
  program.error((error as Error).message)
}

/** Images of one recording; then comes another, with the next seed. */
const imagesOfRecording = kept === undefined ? 1000 : images
const total = { images: 0, acknowledging: 0, messages: 0, receipts: 0, recordings: 0 }
const scratch = scratchFolder()
while (total.images < images) {
  const own = seed + total.recordings
  const folder = kept ?? (await recordAnew(own))
  const recording = readRecording(folder)
  const { wrong, ...said } = checkSaid(recording)
  const { findings, ...counts } = await openImages({
    ...{ recording, folder, scratch, seed: own },
    opener: resolve('test/power-loss/images/open-image.mjs'),
    images: Math.min(imagesOfRecording, images - total.images),
    ...(only === undefined ? {} : { only }),
    ...(firstStart ? { makingShare: 1 } : {}),
  })
  const events = recording.entries.at(-1) ?? 0
  const commits = recording.entries.length
  console.log(JSON.stringify({ seed: own, events, commits, ...said, ...counts }))
  if (only !== undefined) console.log(`The image is in ${scratch}.`)
  if (wrong.length + findings.length > 0) fail(folder, own, counts, wrong, findings)
  if (only !== undefined) process.exit()
  total.images += counts.images
  total.acknowledging += counts.acknowledging
  total.messages += said.messages
  total.receipts += said.receipts
  total.recordings++
  if (kept === undefined) rmSync(folder, { recursive: true })
}
rmSync(scratch, { recursive: true })
console.log(
  `${total.images} images of ${total.recordings} recordings, from seed ${seed} on: each opens, for ` +
    `reading and for writing, is sound, and holds all that was told of (${total.acknowledging} had ` +
    `something to hold). None of ${total.messages} messages that name an event, ${total.receipts} of ` +
    'them receipts, left before the flush that holds it.',
)

async function recordAnew(own: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ordinal-power-loss-'))
  await record({ folder, program: resolve('dist/cli/main.js'), processes: 3, commands, seed: own })
  return folder
}

function fail(
  folder: string,
  own: number,
  counts: Pick<ImagesCounts, 'images'>,
  wrong: readonly string[],
  findings: ImagesCounts['findings'],
): never {
  for (const one of wrong.slice(0, 10)) console.log(`WRONG: ${one.slice(0, 300)}`)
  for (const { image, cut, wrong } of findings.slice(0, 10)) {
    const [what] = wrong.split('\n    at ')
    console.log(`WRONG: image ${image}, cut at the ${cut}: ${what}`)
  }
  if (only === undefined) rmSync(scratch, { recursive: true })
  const count = only === undefined ? counts.images : images
  const first = firstStart ? ' --first-start' : ''
  const again = `--recording ${folder} --seed ${own} --images ${count}${first}`
  console.log(`${wrong.length + findings.length} things are wrong. The recording is kept.`)
  console.log(`Again with: npm run power-loss -- ${again}`)
  console.log('With --image and a number besides, that image alone is laid out, and left there.')
  process.exit(1)
}
