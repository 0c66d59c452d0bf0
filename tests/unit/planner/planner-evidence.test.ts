import { describe, expect, it } from 'vitest';
import type { EvidenceModel } from '../../../src/compiler/model/model.ts';
import { diffPlans } from '../../../src/planner/diff/diff.ts';
import { readPlan, serializePlan } from '../../../src/planner/plan-file/plan-file.ts';
import { coverageOf } from '../../../src/policy/coverage.ts';
import { fakeScanner } from '../../support/fake-scanner.ts';
import { context, model, planned, tool } from '../../support/planner-rig.ts';

const planOf = (evidence?: EvidenceModel, profileChain = ['light']) =>
  planned(
    model([tool('one')], { profileChain, ...(evidence === undefined ? {} : { evidence }) }),
    context([fakeScanner('one')]),
  );
const byKey: EvidenceModel = {
  sign: { method: 'key', key: 'KEY', password: 'PW' },
  rekor: null,
  required: false,
};
const keyless: EvidenceModel = {
  sign: { method: 'keyless' },
  rekor: 'https://log.example:8443',
  required: false,
};
const command: EvidenceModel = { sign: { method: 'command', command: ['kms'] }, rekor: null, required: true };
const signOf = (evidence: EvidenceModel) => planOf(evidence).stages.find(({ kind }) => kind === 'sign');

describe('stages of the evidence', () => {
  it('attest always, and sign with its secrets and hosts where the manifest names a way', () => {
    expect(planOf().stages.map(({ id }) => id)).toEqual(['aggregate', 'attest', 'gate', 'one', 'report']);
    expect(signOf(byKey)).toMatchObject({ needs: ['attest'], secrets: ['KEY', 'PW'], network: 'none' });
    expect(signOf(keyless)).toMatchObject({
      secrets: [],
      network: { egress: ['fulcio.sigstore.dev', 'log.example:8443'] },
    });
    for (const evidence of [byKey, keyless, command]) {
      const plan = planOf(evidence);
      expect(readPlan(serializePlan(plan))).toMatchObject({ ok: true, value: plan });
    }
  });

  it('say in coverage where a profile promises a signature and nothing signs', () => {
    const notChecked = (...args: Parameters<typeof planOf>) =>
      coverageOf(planOf(...args), [], { files: 0, leftOut: {}, examples: [] }).notChecked.map(
        ({ text }) => text,
      );
    const heavy = ['smoke', 'heavy', 'ours'];
    const handedOn = [
      'attest: a delivery of the bundle (no delivery)',
      'attest: a message about the run (no notify)',
    ];
    expect(notChecked(undefined, heavy)).toEqual([
      'attest: a signature of the evidence (no evidence.sign)',
      ...handedOn,
    ]);
    expect(notChecked(byKey, heavy)).toEqual(handedOn);
    expect(notChecked()).toEqual([]);
  });
});

describe('a change of the evidence', () => {
  it.each<[string, EvidenceModel | undefined, EvidenceModel | undefined, string[]]>([
    ['taking the signature away', byKey, undefined, ['weakening: the evidence is no longer signed']],
    ['signing', undefined, byKey, ['strengthening: the evidence is signed']],
    [
      'another key',
      byKey,
      { ...byKey, sign: { method: 'key', key: 'OTHER' } },
      ['weakening: the evidence is signed with other settings'],
    ],
    [
      'no longer requiring it',
      command,
      { ...command, required: false },
      ['weakening: a run without a signature may start'],
    ],
    [
      'leaving the log',
      keyless,
      { ...keyless, rekor: null },
      ['weakening: no transparency log gets an entry'],
    ],
    [
      'telling a log',
      byKey,
      { ...byKey, rekor: 'https://log.example' },
      ['strengthening: a transparency log gets an entry'],
    ],
  ])('%s', (_, before, after, expected) => {
    const changes = diffPlans(planOf(before), planOf(after));
    expect(changes.map((one) => `${one.class}: ${one.text}`)).toEqual(expected);
  });
});
