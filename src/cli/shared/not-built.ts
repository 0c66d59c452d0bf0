import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { VERSION } from '../../core/version.ts';

/** SP9002: what is known to the contract and not built. Nothing is pretended. */
export function notBuilt(what: string): Diagnostic {
  return diagnostic('SP9002', `${what} is not implemented in this version of secplan (${VERSION})`, {
    help: 'Nothing was done. `secplan --help` lists the available commands.',
  });
}
