import type { Finding } from '../../src/core/finding.ts';
import { fingerprint, stageId, toolId } from '../../src/core/ids.ts';

export interface MadeFinding extends Partial<Omit<Finding, 'fingerprint' | 'accounts'>> {
  readonly print: string;
  /** Each gives one account that says the same; default: `scanner`. */
  readonly tools?: readonly string[];
}

/** A merged finding as the engine gives it. */
export function madeFinding({ print, tools = ['scanner'], ...rest }: MadeFinding): Finding {
  const own = {
    fingerprint: fingerprint(print.padEnd(64, '0')),
    rule: rest.rule ?? { id: 'R1' },
    message: rest.message ?? 'says',
    severity: rest.severity ?? 'medium',
    ...(rest.span === undefined ? {} : { span: rest.span }),
  } as const;
  return {
    kind: 'code',
    category: 'sast',
    target: 'source',
    advisories: [],
    ...rest,
    ...own,
    accounts: tools.map((name) => ({ ...own, stage: stageId(name), tool: toolId(name) })),
  };
}
