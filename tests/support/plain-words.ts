/** A phrase that a reader has to read twice, what to write instead, and a sentence that the check must catch. */
export interface HardPhrase {
  readonly pattern: RegExp;
  readonly instead: string;
  readonly planted: string;
}

/** In messages, help, schema descriptions and documents: what users read. */
export const HARD_IN_TEXT: readonly HardPhrase[] = [
  { pattern: /\b(not )?to be had\b/i, instead: 'unavailable', planted: 'the secret is not to be had' },
  { pattern: /\bcan(not)? be had\b/i, instead: 'available', planted: 'the image cannot be had' },
  {
    pattern: /\b(is|are|was|were) told\b(?! apart)/i,
    instead: 'gets, is reported',
    planted: 'the owner is told',
  },
  { pattern: /\bis (not )?heard\b/i, instead: 'ignored', planted: 'under --trusted it is not heard' },
  { pattern: /\bnobody told\b/i, instead: 'no notification sent', planted: 'Nobody told: no notify' },
  {
    pattern: /\b(of|on) (its|their) own\b(?! \w)/i,
    instead: 'its own X, a separate X',
    planted: 'an error of its own',
  },
  { pattern: /\bsaid of itself\b/i, instead: 'reported', planted: 'the tool said of itself: error' },
  { pattern: /\bso that it be\b/i, instead: 'so that it is', planted: 'so that it be found' },
  {
    pattern: /\b(is|are) (there|here) already\b/i,
    instead: 'already exists',
    planted: 'the file is there already',
  },
  {
    pattern: /\b(is|are) not there\b/i,
    instead: 'missing, does not exist',
    planted: 'the baseline is not there',
  },
  { pattern: /\btells? of\b/i, instead: 'reports, describes', planted: 'the report tells of a flaw' },
  { pattern: /\bdivided by commas\b/i, instead: 'comma-separated', planted: 'several, divided by commas' },
  {
    pattern: /\b(knows|says) nothing of\b/i,
    instead: 'does not mention',
    planted: 'it says nothing of files',
  },
  { pattern: /\bis none\b/i, instead: 'is not a X', planted: 'a statement that is none' },
  {
    pattern: /\b(what|is) (became|becomes) of\b/i,
    instead: 'the result of',
    planted: 'what became of each receiver',
  },
  { pattern: /\bwhoever\b/i, instead: 'anyone who', planted: 'whoever can write it' },
  {
    pattern: /\b(is|are) held (against|to)\b/i,
    instead: 'is compared with',
    planted: 'findings are held against budgets',
  },
  {
    pattern: /\bholds? [^.;]{0,40}\bagainst\b/i,
    instead: 'compare with',
    planted: 'hold the findings against budgets',
  },
  {
    pattern: /\bgoes on (without|where|from)\b/i,
    instead: 'continues',
    planted: 'the run goes on where it stopped',
  },
  { pattern: /\b(is|are) left alone\b/i, instead: 'does not change', planted: 'a newer one is left alone' },
  {
    pattern: /\bstands? (twice|in (it|one|both|the))\b/i,
    instead: 'is in, appears',
    planted: 'the key stands twice',
  },
  {
    pattern: /\bexclude each other\b/i,
    instead: 'cannot be used together',
    planted: '--a and --b exclude each other',
  },
  { pattern: /\bcut off\b/i, instead: 'truncated', planted: 'the report is cut off' },
  { pattern: /\bwaives nothing\b/i, instead: 'has no effect', planted: 'one that is over waives nothing' },
  { pattern: /\bas it is meant\b|\bwas meant\b/i, instead: 'intended', planted: 'the plan that was meant' },
  { pattern: /\bvouch(es|ed)? for\b/i, instead: 'issuer, verifies', planted: 'who must have vouched for it' },
  {
    pattern: /\bis no (file|folder|address|key|plan|score|image|entry|bundle)\b/i,
    instead: 'is not a X',
    planted: 'it is no key',
  },
];

/** In comments: what a contributor reads. */
export const HARD_IN_COMMENTS: readonly HardPhrase[] = HARD_IN_TEXT.filter(({ planted }) =>
  [
    'the secret is not to be had',
    'the image cannot be had',
    'under --trusted it is not heard',
    'Nobody told: no notify',
    'an error of its own',
    'the tool said of itself: error',
    'so that it be found',
    'several, divided by commas',
    'what became of each receiver',
    'findings are held against budgets',
  ].includes(planted),
);

/** British spellings in identifiers; prose may have them. The catalogue keeps its name: published documents use it. */
export const BRITISH =
  /colour|licence|normalis|behaviour|serialis|recognis|organis(?!ation)|initialis|neighbour|honour|favour/i;
