import { Command } from 'commander'
import { jsonOption, print } from './terminal.ts'

export function compareCommand(): Command {
  return new Command('compare')
    .description(
      'Keep one order in two ways, as a row and as events, and see what each can answer.',
    )
    .addOption(jsonOption('print the story as one JSON document'))
    .addHelpText('after', help)
    .action(compare)
}

const help = `
Both systems really run, in temporary folders that are removed afterwards.

Examples:
  $ ordinal compare
  $ ordinal compare --json

The JSON document has these keys:
  orderId    the order that the story is about
  chapters   steps 1 to 8, two at a time: title, ordinary (steps, row, overwritten) and
             eventSourced (steps, events, added, applied, view), as read back after them
  questions  question, ordinary and eventSourced (answered: yes, partly or no; text; eventIds)
  rebuilt    OrderView thrown away and rebuilt: events (how many were read), before, after, equal`

async function compare({ json }: { readonly json?: true }): Promise<void> {
  const { tellStory } = await import('./compare/story.ts')
  const { pageOf, renderStory } = await import('./compare/render.ts')
  const story = await tellStory()
  if (json) print(JSON.stringify(story, null, 2))
  else print(renderStory(story, pageOf(process.stdout, process.env)))
  if (!story.rebuilt.equal) process.exitCode = 1
}
