import { posix } from 'node:path';
import { didYouMean } from '../../core/did-you-mean.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ModelService } from '../model/model.ts';
import { checkPath } from '../source/check-path.ts';
import { LIMITS } from '../source/limits.ts';
import { pointer } from '../source/pointer.ts';
import type { Reporter } from '../source/reporter.ts';
import type { ComposeContext } from './compose-context.ts';
import { composeHealth } from './compose-health.ts';
import { composeKeys, composeUse } from './compose-keys.ts';
import {
  composeDependencies,
  composeEnvironment,
  composePorts,
  composeWords,
  plain,
} from './compose-parts.ts';
import { type ComposeService, composeService } from './compose-service.ts';
import { serviceEnv } from './service-env.ts';

const TOP: ReadonlySet<string> = new Set(['services', 'version', 'name', 'networks', 'volumes']);
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** The services of a parsed Compose file, sorted by name. Everything that cannot be honoured is reported with its place. */
export function readCompose(value: unknown, context: ComposeContext): ModelService[] {
  const { out } = context;
  if (!isRecord(value) || !isRecord(value.services)) {
    out.report('SP2044', '', 'a Compose file needs a mapping `services`');
    return [];
  }
  for (const key of Object.keys(value)) {
    if (TOP.has(key) || key.startsWith('x-')) continue;
    out.reportKey('SP2044', pointer(key), `not supported in a Compose file: ${JSON.stringify(key)}`);
  }
  const services = Object.entries(value.services);
  if (services.length === 0) out.report('SP2044', '/services', 'the Compose file has no service');
  if (services.length > LIMITS.services) {
    out.report('SP2044', '/services', `${services.length} services`, {
      allowed: [`at most ${LIMITS.services}`],
    });
    return [];
  }
  return services.flatMap(([name, written]) => readService(name, written, context) ?? []);
}

function readService(name: string, written: unknown, context: ComposeContext): ModelService | undefined {
  const { out } = context;
  const at = pointer('services', name);
  if (!NAME.test(name)) {
    out.reportKey('SP2044', at, 'the name of a service does not fit into a stage id', { value: name });
    return undefined;
  }
  if (isRecord(written)) for (const key of Object.keys(written)) checkKey(name, key, at, out);
  const parsed = composeService.safeParse(written);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const keys = issue.path.filter((key) => typeof key !== 'symbol');
      out.report(
        'SP2044',
        `${at}${keys.map((key) => pointer(key)).join('')}`,
        `service ${name}: ${issue.message}`,
      );
    }
    return undefined;
  }
  return toService(name, parsed.data, at, context);
}

function checkKey(name: string, key: string, at: string, out: Reporter): void {
  const use = composeUse(key);
  const place = `${at}${pointer(key)}`;
  if (use === undefined) {
    const meant = didYouMean(key, composeKeys());
    out.reportKey('SP2044', place, `service ${name}: unknown key ${JSON.stringify(key)}`, {
      ...(meant === undefined ? {} : { didYouMean: meant }),
    });
  } else if (use === 'refused') out.reportKey('SP2044', place, `service ${name}: ${key} is not supported`);
  else if (use === 'no-effect') out.reportKey('SP2045', place, `service ${name}: ${key} has no effect`);
}

function toService(
  name: string,
  service: ComposeService,
  at: string,
  context: ComposeContext,
): ModelService | undefined {
  const { file, names, out } = context;
  const folder = posix.dirname(file);
  const own = service['x-secplan'];
  const image = service.image === undefined ? undefined : plain(service.image, `${at}/image`, context);
  const written = typeof service.build === 'object' ? service.build.context : service.build;
  const build =
    written === undefined ? undefined : checkPath(posix.join(folder, written), `${at}/build`, context);
  if (service.image === undefined && service.build === undefined && own?.command === undefined) {
    out.reportKey('SP2044', at, `service ${name} has neither image nor build nor x-secplan.command`);
  }
  const ports = composePorts(service, at, context);
  const command = composeWords(service.command, `${at}/command`, context);
  return {
    name,
    ...(image === undefined ? {} : { image }),
    ...(build === undefined ? {} : { build }),
    ...(command === undefined || command.length === 0 ? {} : { command }),
    ...(own?.command === undefined ? {} : { localCommand: own.command }),
    folder,
    ports,
    env: serviceEnv(composeEnvironment(service.environment, at, names), names, out),
    health: composeHealth(service, ports, at, context),
    dependsOn: composeDependencies(service.depends_on, at, out),
    pointer: at,
  };
}
