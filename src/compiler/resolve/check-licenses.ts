import parseExpression from 'spdx-expression-parse';
import type { Licenses } from '../manifest.gen.ts';
import type { PlannedLicenses } from '../model/model.ts';
import type { Reporter } from '../source/reporter.ts';

/** Licence lists, sorted; an entry that is no single SPDX licence is SP2061, one in both lists SP2062. */
export function checkLicenses(
  lists: Licenses,
  report: (code: 'SP2061' | 'SP2062', pointer: string, summary: string, value: string) => void,
): PlannedLicenses {
  for (const name of ['allow', 'deny'] as const) {
    for (const [index, id] of (lists[name] ?? []).entries()) {
      if (!isSingleLicense(id))
        report('SP2061', `/${name}/${index}`, `${JSON.stringify(id)} is not an SPDX licence`, id);
      else if (name === 'deny' && lists.allow?.includes(id))
        report('SP2062', `/deny/${index}`, `${id} is both allowed and denied`, id);
    }
  }
  return {
    ...(lists.allow === undefined ? {} : { allow: [...new Set(lists.allow)].sort() }),
    ...(lists.deny === undefined ? {} : { deny: [...new Set(lists.deny)].sort() }),
    unknown: lists.unknown ?? 'medium',
  };
}

/** Those of the manifest, with places. */
export function manifestLicenses(lists: Licenses, out: Reporter): PlannedLicenses {
  return checkLicenses(lists, (code, pointer, summary, value) =>
    out.report(code, `/policy/licenses${pointer}`, summary, { value }),
  );
}

/** Those of `--policy FILE`. */
export function overrideLicenses(lists: Licenses, out: Pick<Reporter, 'reportUsage'>): PlannedLicenses {
  return checkLicenses(lists, (code, pointer, summary, value) =>
    out.reportUsage(code, `--policy FILE, /licenses${pointer}: ${summary}`, { value }),
  );
}

function isSingleLicense(text: string): boolean {
  try {
    return 'license' in parseExpression(text);
  } catch {
    return false;
  }
}
