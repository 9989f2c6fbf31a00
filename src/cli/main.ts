#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { asyncapiCommand } from './asyncapi.ts'
import { callCommand } from './call.ts'
import { chartCommand } from './chart.ts'
import { compareCommand } from './compare.ts'
import { backupCommand } from './data/backup.ts'
import { exportCommand } from './data/export.ts'
import { importCommand } from './data/import.ts'
import { salvageCommand } from './data/salvage.ts'
import { verifyCommand } from './data/verify.ts'
import { eventsCommand } from './events.ts'
import { historyCommand } from './history.ts'
import { serveCommand } from './serve.ts'
import { endUnheard, fail } from './terminal.ts'
import { watchCommand } from './watch.ts'

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }

const firstSteps = `
First steps, each in a terminal of its own:
  $ ordinal serve
  $ ordinal watch
  $ ordinal call order.new '{"orderId":"bob-1","currency":"USD",
      "lines":[{"sku":"widget","quantity":5,"unitPrice":1000}]}'

Or look at made-up orders, that come and go:
  $ ordinal serve --demo

Or see first what it does that an ordinary order system does not:
  $ ordinal compare`

const program = new Command('ordinal')
  .description('An event-sourced order engine: every order a statechart, every change an event.')
  .version(version)
  .addHelpText('after', firstSteps)
  .showHelpAfterError('(ordinal --help tells more)')
  .addCommand(serveCommand())
  .addCommand(callCommand())
  .addCommand(watchCommand())
  .addCommand(historyCommand())
  .addCommand(eventsCommand())
  .addCommand(backupCommand())
  .addCommand(exportCommand())
  .addCommand(importCommand())
  .addCommand(verifyCommand())
  .addCommand(salvageCommand())
  .addCommand(compareCommand())
  .addCommand(chartCommand())
  .addCommand(asyncapiCommand())

endUnheard()
program.parseAsync().catch(fail)
