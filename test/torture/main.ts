/** `npm run torture -- --kills N --seed S`: a server that is killed as often as one likes. */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { wholeNumber } from '../../src/cli/terminal.ts'
import { torture } from './torture.ts'

const program = new Command('torture')
  .description('Kills a server under load again and again, and holds its log to what it said.')
  .option('--kills <number>', 'how often', wholeNumber(1), 100)
  .option('--clients <number>', 'how many clients send commands', wholeNumber(1), 24)
  .option('--seed <number>', 'makes the same choices again', wholeNumber(0), Date.now() % 1_000_000)
  .addHelpText('after', '\nExample:\n  $ npm run torture -- --kills 300 --seed 7')
  .parse()
const { kills, clients, seed } = program.opts()

const counts = await torture({
  ...{ program: resolve('dist/cli/main.js'), kills, clients, seed },
  pauseMsMax: 1000,
})
const { wrong, folder, ...numbers } = counts
console.log(JSON.stringify(numbers))
if (wrong.length > 0) {
  for (const one of wrong.slice(0, 20)) console.log(`WRONG: ${one}`)
  console.log(`${wrong.length} things are wrong. The data folder is kept: ${folder}`)
  const again = `--kills ${kills} --clients ${clients} --seed ${seed}`
  console.log(`Again with: npm run torture -- ${again}`)
  process.exit(1)
}
console.log(
  `${counts.kills} kills, seed ${seed}: each of ${counts.receipts} receipts has its event, no ` +
    `command is there twice, and the views are the fold of ${counts.events} events.`,
)
