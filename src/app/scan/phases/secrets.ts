import { failed, type Outcome, success } from '../../../core/outcome.ts';
import { createPublishRedactor, type PublishRedactor } from '../../../core/redaction/redactor.ts';
import { packageRoot } from '../../package/package-root.ts';
import { planNames, requiredSecretNames, secretNames } from '../../plan-facts/plan-facts.ts';
import { checkSecretValues } from '../../secrets/check-secret-values.ts';
import { documentWords } from '../../secrets/document-words.ts';
import { resolveSecrets } from '../../secrets/resolve-secrets.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Planned } from './plan.ts';

export interface Secrets {
  /** Values by name; those of optional receivers and of a shared cache may be missing. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Takes them, and what the run learns, out of every text that is published. */
  readonly redactor: PublishRedactor;
}

/** Reads the secrets that the plan names, and refuses those that cannot be kept out of a bundle: SP2014, SP3080, SP3081. */
export async function secrets({ env, prepared }: ScanStart & Planned): Promise<Outcome<Secrets>> {
  const { plan, secretSources, workspace } = prepared;
  const asked = { needed: requiredSecretNames(plan), wanted: secretNames(plan) };
  const values = resolveSecrets(asked, secretSources, { workspace, env });
  if (!values.ok) return values;
  const words = (): string => documentWords(packageRoot());
  const spoiling = checkSecretValues(values.value, { ...prepared, words });
  if (spoiling.length > 0) return failed(spoiling);
  const names = (): string => [words(), ...planNames(plan)].join('\n');
  return success({
    secrets: values.value,
    redactor: createPublishRedactor(Object.values(values.value), names),
  });
}
