import type { ArgvPart } from '../../contract/command.ts';
import type { CommandTarget } from '../../contract/target.ts';

/** How an http target's requests authenticate, as its manifest entry has it; the value is nowhere but in the environment. */
export interface HttpAuth {
  /** Header that carries the credential. */
  readonly header: string;
  /** Before the value, for example `Bearer `. */
  readonly prefix: string;
  readonly type: 'bearer' | 'basic' | 'header';
  /** Name of the environment variable that holds the secret. */
  readonly secret: string;
  readonly username: string;
}

/** Undefined for a target without `auth`. */
export function httpAuth({ details }: CommandTarget): HttpAuth | undefined {
  const auth = details.auth as Readonly<Record<string, unknown>> | undefined;
  const { type, secret, header, username } = auth ?? {};
  if (typeof secret !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(secret)) return undefined;
  const own = typeof header === 'string' && /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(header);
  return {
    type: type === 'basic' || type === 'header' ? type : 'bearer',
    header: type === 'header' && own ? header : 'Authorization',
    prefix: type === 'bearer' ? 'Bearer ' : type === 'basic' ? 'Basic ' : '',
    secret,
    username: typeof username === 'string' ? username : '',
  };
}

/**
 * What a script of ours needs to know to put the header together itself: the secret's name, never its value, which no
 * argv and no plan may hold.
 */
export function authEnv(target: CommandTarget): Readonly<Record<string, ArgvPart>> {
  const auth = httpAuth(target);
  if (auth === undefined) return {};
  return {
    SECPLAN_AUTH_TYPE: auth.type,
    SECPLAN_AUTH_SECRET: auth.secret,
    SECPLAN_AUTH_HEADER: auth.header,
    SECPLAN_AUTH_USERNAME: auth.username,
  };
}

/** A detail that is a path of the workspace or a URL. */
export function textDetail({ details }: CommandTarget, name: string): string | undefined {
  const value = details[name];
  return typeof value === 'string' ? value : undefined;
}
