import { canonicalJson } from '../../core/canonical.ts';
import type { AttestStage, Plan, SignStage } from '../ir/ir.ts';
import { change, type PlanChange } from './change.ts';

/** What changed in how a run is proved: whether it is signed, by what, and whether it must be. */
export function diffEvidence(before: Plan, after: Plan): readonly PlanChange[] {
  const changes: PlanChange[] = [];
  const [old, now] = [partsOf(before), partsOf(after)];
  const add = (direction: PlanChange['class'], text: string, sides = {}) =>
    changes.push(change('evidence', 'evidence', text, { class: direction, ...sides }));
  if (old.required !== now.required) {
    if (now.required) add('strengthening', 'a run without a signature may no longer start');
    else add('weakening', 'a run without a signature may start');
  }
  if (old.sign !== undefined && now.sign === undefined) add('weakening', 'the evidence is no longer signed');
  else if (old.sign === undefined && now.sign !== undefined) add('strengthening', 'the evidence is signed');
  else if (old.sign !== undefined && now.sign !== undefined) changes.push(...signer(old.sign, now.sign));
  return changes;
}

function signer(old: SignStage, now: SignStage): readonly PlanChange[] {
  const changes: PlanChange[] = [];
  if (canonicalJson(old.signer) !== canonicalJson(now.signer)) {
    // Whoever holds the other key can vouch for what the first would not have.
    const sides = { before: old.signer, after: now.signer };
    changes.push(
      change('evidence', 'evidence', 'the evidence is signed with other settings', {
        class: 'weakening',
        ...sides,
      }),
    );
  }
  if (old.rekor !== now.rekor) {
    const which = old.rekor === null ? 'a' : 'another';
    const text =
      now.rekor === null ? 'no transparency log gets an entry' : `${which} transparency log gets an entry`;
    const direction = old.rekor === null ? 'strengthening' : 'weakening';
    const sides = { before: old.rekor, after: now.rekor };
    changes.push(change('evidence', 'evidence', text, { class: direction, ...sides }));
  }
  return changes;
}

function partsOf({ stages }: Plan) {
  const attest = stages.find((stage): stage is AttestStage => stage.kind === 'attest');
  const sign = stages.find((stage): stage is SignStage => stage.kind === 'sign');
  return { required: attest?.required ?? false, sign };
}
