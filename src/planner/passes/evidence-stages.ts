import type { Model, SignerSpec } from '../../compiler/model/model.ts';
import { byCodeUnit } from '../../core/canonical.ts';
import { type PromisedEvidence, withText } from '../../core/gap.ts';
import { artifactId, stageId } from '../../core/ids.ts';
import type { ArtifactRef, AttestStage, Network, SignStage } from '../ir/ir.ts';

const PUBLIC_FULCIO = 'https://fulcio.sigstore.dev';
/** Promises signed evidence, and so do the profiles that extend it. */
const SIGNED_PROFILE = 'heavy';

/** The statement of every plan and, where the manifest names a way, its signature. */
export function evidenceStages(model: Model): readonly (AttestStage | SignStage)[] {
  const { sign, rekor, required } = model.evidence ?? { sign: null, rekor: null, required: false };
  const promised = model.profileChain.includes(SIGNED_PROFILE);
  const statement: ArtifactRef = {
    name: 'statement',
    id: artifactId(stageId('attest'), 'statement'),
    type: 'json',
  };
  const attest: AttestStage = {
    kind: 'attest',
    id: stageId('attest'),
    needs: [stageId('report')],
    inputs: [{ name: 'summary', id: artifactId(stageId('report'), 'summary'), type: 'json' }],
    outputs: [statement],
    required,
    notChecked: promised ? missing(model, sign) : [],
  };
  if (sign === null) return [attest];
  return [
    attest,
    {
      kind: 'sign',
      id: stageId('sign'),
      needs: [attest.id],
      inputs: [statement],
      outputs: [{ name: 'signature', id: artifactId(stageId('sign'), 'signature'), type: 'json' }],
      signer: sign,
      rekor,
      secrets: secretsOf(sign),
      network: networkOf(sign, rekor),
    },
  ];
}

function missing(model: Model, sign: SignerSpec | null): AttestStage['notChecked'] {
  const promises: readonly PromisedEvidence[] = [
    ...(sign === null ? (['signature'] as const) : []),
    ...(model.deliveries === undefined ? (['delivery'] as const) : []),
    ...(model.notifications === undefined ? (['message'] as const) : []),
  ];
  return promises.map((what) => withText({ kind: 'promised', what }));
}

function secretsOf(sign: SignerSpec): readonly string[] {
  const names =
    sign.method === 'key' ? [sign.key, sign.password] : sign.method === 'keyless' ? [sign.identity] : [];
  return [...new Set(names.filter((name) => name !== undefined))].sort(byCodeUnit);
}

function networkOf(sign: SignerSpec, rekor: string | null): Network {
  const urls = [
    ...(sign.method === 'keyless' ? [sign.fulcio ?? PUBLIC_FULCIO] : []),
    ...(rekor === null ? [] : [rekor]),
  ];
  const hosts = [...new Set(urls.map((url) => new URL(url).host))].sort(byCodeUnit);
  return hosts.length === 0 ? 'none' : { egress: hosts };
}
