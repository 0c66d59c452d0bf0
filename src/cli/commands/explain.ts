import { CODES, type DiagnosticCode } from '../../core/codes.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import type { FailureReason } from '../../core/failure.ts';
import type { Finding } from '../../core/finding.ts';
import { isOfMachine } from '../../core/is-of-machine.ts';
import { FAILURE_REASONS } from '../explain/failure-reasons.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { clip, printable } from '../shared/paint.ts';
import { wrap } from '../shared/wrap.ts';

const FINGERPRINT = /^[0-9a-f]{6,64}$/i;

/** `secplan explain CODE|FINDING|TOOL`. */
export async function explain(console: Console, given: unknown, flags: Flags): Promise<number> {
  const what = String(given);
  const code = what.toUpperCase();
  if (Object.hasOwn(CODES, code)) return explainCode(console, code as DiagnosticCode);
  if (Object.hasOwn(FAILURE_REASONS, what)) return explainReason(console, what as FailureReason);
  const { catalogue } = await import('../../stages/catalogue.gen.ts');
  if (catalogue.has(what)) return (await import('./tools-show.ts')).toolsShow(console, what);
  if (FINGERPRINT.test(what)) return explainFinding(console, what.toLowerCase(), flags);
  const ofRule = await explainRule(console, what, flags);
  if (ofRule !== undefined) return ofRule;
  const names = [...Object.keys(CODES), ...Object.keys(FAILURE_REASONS), ...catalogue.keys()];
  const meant = didYouMean(what, names);
  return console.refuse([
    diagnostic('SP9001', `unknown name ${JSON.stringify(what)}`, {
      ...(meant === undefined ? {} : { didYouMean: meant }),
      help: 'Name a code (SP2001), a reason (timeout), a tool (bandit), a rule of the latest bundle (B602), or at least 6 characters of a fingerprint.',
    }),
  ]);
}

function explainCode(console: Console, code: DiagnosticCode): number {
  const { level, title, explain: text } = CODES[code];
  if (console.json) console.document('explanation', { kind: 'code', code, level, title, text });
  else
    console.print(
      `${console.paint('bold', code)} ${title} (${level})\n\n${wrap(text, Math.min(console.width, 100))}`,
    );
  return EXIT.pass;
}

function explainReason(console: Console, reason: FailureReason): number {
  const text = FAILURE_REASONS[reason];
  if (console.json) console.document('explanation', { kind: 'reason', reason, text });
  else {
    console.print(
      `${console.paint('bold', reason)}: why a stage gave no result\n\n${wrap(text, Math.min(console.width, 100))}`,
    );
  }
  return EXIT.pass;
}

/** A rule that a bundle has findings of; undefined where no bundle or no finding has it. */
async function explainRule(console: Console, id: string, flags: Flags): Promise<number | undefined> {
  const { openBundle } = await import('../../app/workspace/open-bundle.ts');
  const { hasRule } = await import('../findings/filter-findings.ts');
  const { bundle, exportDir } = flags as { bundle?: string; exportDir?: string };
  const read = await openBundle({ cwd: console.cwd, bundle, exportDir });
  if (!read.ok) return isOfMachine(read.diagnostics) ? console.refuse(read.diagnostics) : undefined;
  const hits = read.value.findings.filter((finding) => hasRule(finding, id));
  if (hits.length === 0) return undefined;
  if (console.json)
    console.document('explanation', { kind: 'rule', rule: id, bundle: read.value.dir, findings: hits });
  else console.print((await import('../explain/rule-text.ts')).ruleText(id, hits, console.paint));
  return EXIT.pass;
}

async function explainFinding(console: Console, prefix: string, flags: Flags): Promise<number> {
  const { openBundle } = await import('../../app/workspace/open-bundle.ts');
  const { bundle, exportDir } = flags as { bundle?: string; exportDir?: string };
  const read = await openBundle({ cwd: console.cwd, bundle, exportDir });
  if (!read.ok) return console.refuse(read.diagnostics);
  const { findings, dir } = read.value;
  const hits = findings.filter(
    (finding) =>
      finding.fingerprint.startsWith(prefix) ||
      finding.accounts.some((account) => account.fingerprint.startsWith(prefix)),
  );
  const [finding] = hits;
  if (finding === undefined) {
    return console.refuse([
      diagnostic(
        'SP9001',
        `no finding in bundle ${printable(read.value.summary.bundle)} starts with ${prefix}`,
        {
          help: 'findings.sarif lists the fingerprints; --bundle selects another bundle.',
        },
      ),
    ]);
  }
  if (hits.length > 1) {
    return console.refuse([
      diagnostic('SP9001', `${hits.length} findings begin with ${prefix}`, {
        allowed: hits.slice(0, 10).map((hit) => `${hit.fingerprint.slice(0, 16)} (${clip(hit.rule.id, 40)})`),
        help: 'Type more characters of the fingerprint.',
      }),
    ]);
  }
  const { riskOf } = await import('../../policy/rank/risk.ts');
  const { exploitedSet } = await import('../../policy/exploited.ts');
  const risk = riskOf(finding, { exploited: exploitedSet(read.value.verdict.exploited) });
  if (console.json) {
    console.document('explanation', { kind: 'finding', bundle: dir, finding, risk });
    return EXIT.pass;
  }
  const { findingText } = await import('../explain/finding-text.ts');
  console.print(findingText(finding, await linesOf(console, dir, finding), Date.now(), console.paint));
  if (flags.whyHere === true) {
    const { whyHereText } = await import('../explain/why-here.ts');
    console.print(`\n${console.paint('bold', 'Its place in lists')}\n${whyHereText(risk)}`);
  }
  return EXIT.pass;
}

/** The source around it, but never a line that holds a secret or personal data: a terminal's scrollback is a copy. */
async function linesOf(console: Console, bundleDir: string, finding: Finding): Promise<string | undefined> {
  if (finding.span === undefined || finding.kind === 'secret' || finding.kind === 'privacy') return undefined;
  const { likelyWorkspaces, sourceLines } = await import('../explain/source-lines.ts');
  return sourceLines(likelyWorkspaces(bundleDir, console.cwd), finding.span, console.paint);
}
