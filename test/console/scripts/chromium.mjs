/** The system's Chromium, by the name that CHROMIUM gives or where it mostly is. */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

export async function launch() {
  const places = [
    process.env.CHROMIUM,
    ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  ]
  const executablePath = places.find((place) => place !== undefined && existsSync(place))
  if (!executablePath) {
    console.error('There is no Chromium here (Debian: apt-get install chromium, or set CHROMIUM).')
    process.exit(1)
  }
  // As root, as in a container, it has no sandbox of its own.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}
