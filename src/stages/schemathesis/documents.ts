import type { CommandTarget } from '../contract/target.ts';
import { textDetail } from '../families/http/http-auth.ts';

/** The documents of a target that describe its API, each with the output that its report is. */
export function documentsOf(target: CommandTarget) {
  return (['openapi', 'graphql'] as const)
    .flatMap((id) => {
      const file = textDetail(target, id);
      return file === undefined ? [] : [{ id, file }];
    })
    .map((document, index) => ({
      ...document,
      output: index === 0 ? ('report' as const) : ('graphql' as const),
    }));
}
