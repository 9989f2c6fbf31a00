/** `npm run soak -- --minutes N --seed S`: the soak, as long as one likes. */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { soak } from './soak.ts'

const program = new Command('soak')
  .description('Many clients on one server, with cuts, kills, restarts and slow readers.')
  .option('--minutes <number>', 'how long', Number, 1)
  .option('--clients <number>', 'how many', Number, 32)
  .option('--slow-readers <number>', 'how many sockets that never read', Number, 4)
  .option('--seed <number>', 'makes the same choices again', Number, Date.now() % 1_000_000)
  .addHelpText('after', '\nExample:\n  $ npm run soak -- --minutes 10 --seed 7')
  .parse()
const { minutes, clients, slowReaders, seed } = program.opts()

const pauseMsMax = 2000
const rounds = { events: 0, commands: 0, disturbances: 0 }
const endsAt = Date.now() + minutes * 60_000
for (let round = 0; Date.now() < endsAt; round++) {
  const counts = await soak({
    program: resolve('dist/cli/main.js'),
    ...{ clients, slowReaders, pauseMsMax, disturbances: 20, seed: seed + round },
  })
  const { wrong, ...numbers } = counts
  console.log(JSON.stringify(numbers))
  rounds.events += counts.events
  rounds.commands += counts.commands
  rounds.disturbances += counts.cuts + counts.kills + counts.restarts
  if (wrong.length === 0) continue
  for (const one of wrong.slice(0, 20)) console.log(`WRONG: ${one}`)
  console.log(`Again with: npm run soak -- --seed ${counts.seed} --clients ${clients}`)
  process.exit(1)
}
const { commands, events, disturbances } = rounds
console.log(
  `${commands} commands, ${events} events, ${disturbances} disturbances: every map equals the ` +
    `server's, and every command has one outcome.`,
)
