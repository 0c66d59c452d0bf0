import { z } from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ReportVariant } from '../contract/report.ts';
import {
  bundleSchema,
  type Envelope,
  envelopeSchema,
  signaturesOf,
  statementIn,
  statementSchema,
} from '../families/attestation/attestation.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant, type Read } from '../formats/variants.ts';

/** Builders that slsa-verifier itself knows, by the beginning of their ids. */
const BUILDERS = [
  'https://github.com/slsa-framework/slsa-github-generator/',
  'https://cloudbuild.googleapis.com/GoogleHostedWorker',
  'https://actions.github.io/buildtypes/',
  'https://github.com/actions/runner/github-hosted',
];

function finding(rule: string, message: string): ParsedFinding {
  return { kind: 'other', rule: { id: rule }, message: oneLine(message), toolLevel: rule };
}

/** A member on a path of objects; undefined where there is none. */
function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
}

/** What a provenance of SLSA lacks: v1 has its builder under `runDetails`, v0.1 and v0.2 on top. */
function lacks(type: string, predicate: unknown): ParsedFinding[] {
  const modern = type.startsWith('https://slsa.dev/provenance/v1');
  const builder = modern
    ? member(predicate, 'runDetails', 'builder', 'id')
    : member(predicate, 'builder', 'id');
  const materials = modern
    ? member(predicate, 'buildDefinition', 'resolvedDependencies')
    : member(predicate, 'materials');
  const id = typeof builder === 'string' ? builder : '';
  const sources = Array.isArray(materials) ? materials : [];
  const pinned = sources.some((source) => isRecord(source) && isRecord(source.digest));
  return [
    ...(id === '' ? [finding('field-missing', 'the provenance names no builder')] : []),
    ...(id !== '' && !BUILDERS.some((known) => id.startsWith(known))
      ? [finding('builder-untrusted', `slsa-verifier does not know the builder ${id}`)]
      : []),
    ...(/\.ya?ml@(?!refs\/tags\/)/.test(id)
      ? [finding('builder-not-pinned', `the builder ${id} is not of a tagged version`)]
      : []),
    ...(pinned ? [] : [finding('field-missing', 'the provenance names no source by its digest')]),
  ];
}

function readEnvelope(envelope: Envelope): Read {
  const statement = statementIn(envelope);
  const unsigned = signaturesOf(envelope) > 0 ? [] : [finding('unsigned', 'the provenance has no signature')];
  if (statement === undefined)
    return {
      findings: [...unsigned, finding('provenance-malformed', 'its payload is not an in-toto statement')],
    };
  const { predicateType, predicate } = statement;
  if (!predicateType.startsWith('https://slsa.dev/provenance/'))
    return { findings: unsigned, notes: [{ message: oneLine(`no provenance but ${predicateType}`) }] };
  return {
    findings: [...unsigned, ...lacks(predicateType, predicate)],
    notes: [{ message: 'its signature and its artifacts are not verified here' }],
  };
}

const gcb = z.object({
  provenance_summary: z.object({
    provenance: z
      .array(
        z.object({
          build: z.object({
            intotoStatement: z
              .object({ predicateType: z.string(), slsaProvenance: z.unknown().optional() })
              .nullish(),
          }),
          envelope: z.object({ signatures: z.array(z.unknown()) }).nullish(),
        }),
      )
      .min(1),
  }),
});

/** Provenance itself, read for what it says without verifying it: that takes the artifacts, and a run. */
export const variants: readonly ReportVariant[] = [
  jsonVariant('Sigstore bundle of a provenance', bundleSchema, ({ dsseEnvelope }) =>
    dsseEnvelope
      ? readEnvelope(dsseEnvelope)
      : { findings: [], notes: [{ message: 'a signature of a file, without provenance' }] },
  ),
  jsonVariant('DSSE envelope of a provenance', envelopeSchema, readEnvelope),
  jsonVariant('provenance statement', statementSchema, ({ predicateType, predicate }) => ({
    findings: [finding('unsigned', 'the provenance has no signature'), ...lacks(predicateType, predicate)],
  })),
  jsonVariant('provenance of Google Cloud Build', gcb, ({ provenance_summary: { provenance } }) => ({
    findings: provenance.flatMap(({ build, envelope }) => [
      ...(envelope && envelope.signatures.length > 0
        ? []
        : [finding('unsigned', 'the provenance has no signature')]),
      ...(build.intotoStatement
        ? lacks(build.intotoStatement.predicateType, build.intotoStatement.slsaProvenance)
        : []),
    ]),
    notes: [{ message: 'its signature and its image are not verified here' }],
  })),
];
