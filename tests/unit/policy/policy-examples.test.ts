import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPolicyFile } from '../../../src/app/policy-inputs/read-policy-file.ts';
import { readPolicyInputs } from '../../../src/app/policy-inputs/read-policy-inputs.ts';
import { workspaceFiles } from '../../../src/app/policy-inputs/workspace-files.ts';
import { loadManifest } from '../../../src/compiler/read/load.ts';
import { readWorkspaceFacts } from '../../../src/compiler/read/read.ts';
import { overrideLicenses } from '../../../src/compiler/resolve/check-licenses.ts';
import { effectiveBudgets } from '../../../src/compiler/resolve/effective-budgets.ts';
import { resolve } from '../../../src/compiler/resolve/resolve.ts';
import type { Category } from '../../../src/core/category.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { fingerprint, stageId, toolId } from '../../../src/core/ids.ts';
import type { Severity } from '../../../src/core/severity.ts';
import { budgetCounts, holdBudgets } from '../../../src/policy/budgets.ts';
import { NO_FACTS } from '../../../src/policy/gate-facts.ts';
import { sortFindings } from '../../../src/policy/sort-findings.ts';
import { catalogue } from '../../../src/stages/catalogue.gen.ts';
import { policy as basePolicy } from '../../support/planner-rig.ts';

const FOLDER = new URL('../../../manifests/examples/policies/', import.meta.url).pathname;

function found(category: Category, severity: Severity): Finding {
  const common = {
    fingerprint: fingerprint(`${category} ${severity}`),
    rule: { id: 'R' },
    message: 'm',
    severity,
  };
  return {
    ...common,
    kind: 'code',
    category,
    target: 'source',
    advisories: [],
    accounts: [{ ...common, stage: stageId('ruff'), tool: toolId('ruff') }],
  };
}

/** Whether a sample lets a run with these findings pass. */
async function passes(name: string, ...findings: readonly Finding[]): Promise<boolean> {
  const file = await readPolicyFile(FOLDER, name);
  if (!file.ok) throw new Error(JSON.stringify(file.diagnostics));
  const manifest = { apiVersion: 'secplan/v1', metadata: { name: 'x' } } as const;
  const budgets = effectiveBudgets(manifest, [], file.value);
  const sorted = sortFindings({ ...basePolicy, budgets }, NO_FACTS, findings, Date.parse('2026-06-01'));
  return holdBudgets(budgets, budgetCounts(sorted)).every((line) => !line.exceeded);
}

describe('the sample policies', () => {
  it.each<[string, [Category, Severity], boolean]>([
    ['light.yaml', ['sast', 'low'], true],
    ['light.yaml', ['sast', 'high'], false],
    ['light.yaml', ['sast', 'medium'], false],
    ['light.yaml', ['secrets', 'medium'], false],
    ['heavy.yaml', ['sast', 'medium'], true],
    ['heavy.yaml', ['dast', 'medium'], false],
    ['heavy.yaml', ['secrets', 'low'], false],
    ['iac.yaml', ['sast', 'critical'], true],
    ['iac.yaml', ['iac', 'high'], false],
    ['iac.yaml', ['container', 'high'], true],
  ])('%s and %j: passes %s', async (name, [category, severity], expected) => {
    expect(await passes(name, found(category, severity))).toBe(expected);
  });

  it('have no other file, so that none is without a test', () => {
    expect(readdirSync(FOLDER).filter((name) => /^(?!secplan).*\.yaml$/.test(name))).toEqual([
      'heavy.yaml',
      'iac.yaml',
      'light.yaml',
    ]);
  });

  it('heavy denies strong copyleft by licences that SPDX knows', async () => {
    const file = await readPolicyFile(FOLDER, 'heavy.yaml');
    const told: string[] = [];
    if (!file.ok || file.value.licenses === undefined) throw new Error('heavy.yaml has licence lists');
    overrideLicenses(file.value.licenses, { reportUsage: (code) => told.push(code) });
    expect(told).toEqual([]);
  });

  it('the manifest resolves, and its VEX document is read', async () => {
    const loaded = await loadManifest({ cwd: FOLDER });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
    const model = resolve(loaded.value, { catalogue, facts: readWorkspaceFacts(FOLDER) });
    if (!model.ok) throw new Error(JSON.stringify(model.diagnostics));
    expect(model.diagnostics.map(({ code }) => code)).toEqual(['SP2063']);
    const inputs = readPolicyInputs(model.value.policy, workspaceFiles(FOLDER));
    expect(inputs).toMatchObject({ ok: true, value: { baseline: null, vex: [{ format: 'openvex' }] } });
  });
});
