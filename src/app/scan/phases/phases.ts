import { phaseList } from '../frame/phase-list.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import { attest } from './attest.ts';
import { bundle } from './bundle.ts';
import { databases } from './databases.ts';
import { deliver } from './deliver.ts';
import { gate } from './gate.ts';
import { gateFacts } from './gate-facts.ts';
import { journal } from './journal.ts';
import { plan } from './plan.ts';
import { release } from './release.ts';
import { remoteCache } from './remote-cache.ts';
import { requirements } from './requirements.ts';
import { run } from './run.ts';
import { runtime } from './runtime.ts';
import { seal } from './seal.ts';
import { secrets } from './secrets.ts';
import { sharedCache } from './shared-cache.ts';
import { signer } from './signer.ts';
import { stack } from './stack.ts';
import { workspace } from './workspace.ts';

/**
 * A scan, in order; each line says why its phase stands where it stands. Nothing external but git is started before
 * `runtime`, and no file is written before `workspace`: what is refused until then leaves no trace.
 */
export const PHASES = phaseList<ScanStart>()
  // First: everything else follows from the plan.
  .next(plan)
  // Before anything is read for the run: they need the plan, the options and the lock only.
  .next(requirements)
  // Before everything that publishes or signs: it needs the redactor or a value.
  .next(secrets)
  // Among what can be refused without touching the workspace.
  .next(databases)
  // Before scanners start: a baseline or a ref that cannot be read must not be found out after an hour.
  .next(gateFacts)
  // Before scanners start, for the same reason: a key that cannot sign is refused now.
  .next(signer)
  // Before scanners start: a key of the shared cache that cannot sign is refused now.
  .next(remoteCache)
  // After all that is refused by reading alone: it creates the cache folder and reads the whole workspace.
  .next(workspace)
  // After the inventory, whose commit is part of the bundle's id; before anything that `--resume` could go on from.
  .next(journal)
  // After the journal, in whose folder it works; the run's clock starts here.
  .next(runtime)
  // After the runtime, which starts the services.
  .next(stack)
  // The last that is opened, so the first that is closed: it sends what the scanners made.
  .next(sharedCache)
  // As soon as everything that scanners need is open.
  .next(run)
  // Before merging: the services' last events and logs are part of the bundle.
  .next(release)
  // After the last event of a service; before the bundle, which holds the verdict.
  .next(gate)
  // After the verdict; before the statements, which name its files by digest.
  .next(bundle)
  // After the last document that it states a digest of.
  .next(attest)
  // After the signature, which is part of the bundle: nothing is written into it later.
  .next(seal)
  // Last: only a sealed bundle is sent, and no failure to send it can change it.
  .next(deliver);
