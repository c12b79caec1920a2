import { homedir } from 'node:os'
import { realpath } from 'node:fs/promises'
import { exposureInWords, exposureOf } from '../../hosts/node/environment/exposure.ts'
import { userDirectory } from '../../hosts/trust.ts'
import { readUserSettings } from '../../hosts/workspace.ts'
import { checked, warn } from './finding.ts'

/** The worst is enough here; all of it is told by `policy explain`. */
const SHOWN_MAX = 3

/** What a command of the same user could reach, as nothing of the system stands in its way. */
export const exposureChecks = checked('exposure', 'See all of it: troupe policy explain', async (ground) => {
  const { environment } = ground
  const workspace = await realpath(ground.workspace)
  const { settings } = await readUserSettings(userDirectory(environment), workspace)
  const home = environment['HOME'] || homedir()
  const said = exposureInWords(await exposureOf({ environment, home, workspace, kept: settings.environment }))
  return [
    warn(
      'exposure',
      'commands of tasks run as you, and no sandbox holds them',
      'All of it: troupe policy explain',
    ),
    ...said.slice(0, SHOWN_MAX).map((what) => warn('exposure', what, '')),
  ]
})
