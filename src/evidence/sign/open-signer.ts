import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { SignStage } from '../../planner/ir/ir.ts';
import { commandSigner } from './command-signer.ts';
import { keySigner } from './key-signer.ts';
import { hasIdentity, keylessSigner } from './keyless-signer.ts';
import { readPrivateKey } from './read-private-key.ts';
import type { StatementSigner } from './statement-signer.ts';

export interface SignerSurroundings {
  /** Values by name, of the stage's own secrets at least. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute, links resolved. */
  readonly workspace: string;
  readonly redactor: PublishRedactor;
  readonly offline: boolean;
}

/** Makes ready what signs, before anything is started: SP6006, SP6008, SP6009. */
export function openSigner(stage: SignStage, surroundings: SignerSurroundings): Outcome<StatementSigner> {
  const { secrets, env, offline, redactor } = surroundings;
  const { signer, network } = stage;
  if (offline && network !== 'none') {
    const what = signer.method === 'keyless' ? 'keyless signing' : 'a transparency log';
    return failed([
      diagnostic('SP6008', `${what} needs the network, but --offline forbids it`, {
        pointer: '/evidence',
        help: 'Remove --offline, or sign with a key and without rekor.',
      }),
    ]);
  }
  switch (signer.method) {
    case 'key': {
      const password = signer.password === undefined ? undefined : secrets[signer.password];
      const key = readPrivateKey(secrets[signer.key] ?? '', password, signer.key);
      return key.ok ? success(keySigner(key.value, signer.key)) : key;
    }
    case 'command':
      return commandSigner(signer.command, surroundings);
    case 'keyless': {
      const token = signer.identity === undefined ? undefined : secrets[signer.identity];
      const identity = { env, ...(token === undefined ? {} : { token }) };
      if (hasIdentity(identity)) return success(keylessSigner(identity, signer.fulcio, redactor));
      return failed([
        diagnostic('SP6006', 'keyless signing needs an identity, and none is available', {
          pointer: '/evidence/sign/keyless',
          help: 'Give the job an id-token, set SIGSTORE_ID_TOKEN, or name a secret in evidence.sign.identity.',
        }),
      ]);
    }
  }
}
