/**
 * An environment for the host's loopback, where services' names are no hosts: a value that is a service's name, and a name
 * that stands as the host of a URL or of a `host:port`, become 127.0.0.1.
 */
export function hostEnv(
  env: Readonly<Record<string, string>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  if (names.length === 0) return env;
  const any = names.map((name) => name.replace(/[.-]/g, '\\$&')).join('|');
  const host = new RegExp(`(^|//|@)(?:${any})(?=$|[:/?#])`, 'g');
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value.replace(host, (_, before: string) => `${before}127.0.0.1`),
    ]),
  );
}
