import type { Failure } from '../../../core/failure.ts';
import type { ArgvPart } from '../../contract/command.ts';
import type { CommandTarget } from '../../contract/target.ts';

/** What the manifest says of a cloud account. */
export interface CloudAccount {
  readonly provider: 'aws' | 'azure' | 'gcp';
  readonly account: string;
  readonly region?: string;
}

export function cloudAccountOf({ details }: CommandTarget): CloudAccount {
  const { provider, account, region } = details;
  return {
    provider: provider === 'azure' || provider === 'gcp' ? provider : 'aws',
    account: String(account ?? ''),
    ...(typeof region === 'string' ? { region } : {}),
  };
}

/** Every cloud's own addresses; a manifest may name fewer (tools.<id>.network). */
export const CLOUD_HOSTS = [
  '*.amazonaws.com',
  '*.azure.com',
  '*.googleapis.com',
  '*.microsoft.com',
  '*.microsoftonline.com',
  '*.windows.net',
] as const;

/** The asset `launch`, src/stages/families/cloud/assets/launch.py, checks the credentials and starts a console script. */
export const LAUNCH = { launch: 'src/stages/families/cloud/assets/launch.py' } as const;

/** `python -I launch.py PROVIDER PROGRAM`, to which a program's own arguments are added. */
export function launched({ provider }: CloudAccount, program: string): readonly ArgvPart[] {
  return ['python', '-I', { at: 'asset', name: 'launch' }, provider, program];
}

/** Environment of a step. Without a region the libraries that speak to AWS do not even ask whose credentials these are. */
export function accountEnv({ provider, region }: CloudAccount): Readonly<Record<string, string>> {
  return provider === 'aws' ? { AWS_DEFAULT_REGION: region ?? 'us-east-1' } : {};
}

/** Credentials of another account than the manifest's would make a clean report of what nobody asked about. */
export function otherAccount(
  target: CommandTarget,
  found: readonly (string | null | undefined)[],
): Failure | undefined {
  const { account } = target.details;
  if (typeof account !== 'string' || account === '') return undefined;
  const known = found.filter((uid): uid is string => typeof uid === 'string' && uid !== '');
  if (known.length === 0 || known.includes(account)) return undefined;
  return {
    reason: 'requirement-unmet',
    detail: `the credentials belong to another account than the target's, ${account.slice(0, 100)}`,
  };
}
