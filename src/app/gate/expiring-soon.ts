import type { PlannedPolicy } from '../../compiler/model/model.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { endsSoon } from '../../policy/day.ts';

/** A warning (SP4013) for each waiver and VEX document that holds for less than thirty more days. */
export function expiringSoon({ waivers, vex = [] }: PlannedPolicy, at: number): readonly Diagnostic[] {
  const said = (what: string, expires: string): Diagnostic =>
    diagnostic('SP4013', `${what} expires on ${expires}`, {
      help: '`secplan check --at DATE` shows the verdict on a later day.',
    });
  return [
    ...waivers
      .filter(({ expires }) => endsSoon(expires, at))
      .map(({ match, owner, expires }) =>
        said(
          `the waiver of ${Object.entries(match)
            .map(([name, value]) => `${name} ${value}`)
            .join(', ')} by ${owner}`,
          expires,
        ),
      ),
    ...vex.flatMap(({ path, expires }) =>
      expires !== undefined && endsSoon(expires, at) ? [said(`the VEX document ${path}`, expires)] : [],
    ),
  ];
}
