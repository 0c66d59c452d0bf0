import type { ArgvPart, StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

/** One file, and what it is verified with. */
export interface Check {
  readonly blob: string;
  readonly bundle: string;
  readonly key?: string | undefined;
}

/** Releases made with the usual tools sign the list of their checksums. */
const CONVENTION = [{ blob: 'checksums.txt' }] as const;

export const command: StageCommand<Options> = {
  steps: ({ options, args }) =>
    checksOf(options).map((check, index) => {
      const attestation = options.artifacts?.[index]?.attestation;
      return {
        id: `verify-${index + 1}`,
        argv: [
          ...(attestation === undefined
            ? ['cosign', 'verify-blob']
            : ['cosign', 'verify-blob-attestation', '--type', attestation]),
          ...['--new-bundle-format', '--offline', '--bundle', check.bundle],
          ...trust(options, check.key),
          ...args,
          check.blob,
        ],
        // Every check's words stand in the log, the first one's in the report, in the order of the checks.
        ...(index === 0 ? { stderr: 'report' } : {}),
        exits: { '0': 'ok', '1': 'ok' },
      };
    }),
  notChecked: ({ artifacts, identity }) => [
    'signatures of images, which are in their registries',
    ...(artifacts === undefined ? ['signed files other than checksums.txt (artifacts option)'] : []),
    ...(identity === undefined
      ? ['the transparency log, and who may change the key, which is in the workspace (identity option)']
      : []),
  ],
};

export function checksOf({ artifacts }: Options): Check[] {
  return (artifacts ?? CONVENTION).map(({ blob, ...given }) => ({
    ...given,
    blob,
    bundle: ('bundle' in given ? given.bundle : undefined) ?? `${blob}.sigstore.json`,
  }));
}

function trust(options: Options, key: string | undefined): ArgvPart[] {
  const root = (at: ArgvPart): ArgvPart[] => ['--trusted-root', at];
  const given = options.trustedRoot === undefined ? undefined : root(options.trustedRoot);
  const none = root({ at: 'asset', name: 'no-root' });
  if (options.identity !== undefined && key === undefined)
    return [
      ...['--certificate-identity', options.identity, '--certificate-oidc-issuer', options.issuer ?? ''],
      // With the empty root nothing verifies: without its own root every finding says so.
      ...(given ?? none),
    ];
  return [...['--key', key ?? options.key], ...(given ?? none), '--insecure-ignore-tlog'];
}
