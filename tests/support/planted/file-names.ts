/** What stands before the ending of a file's name: characters that tools quote, split at, decode or take for switches. */
export const FILE_NAMES: readonly string[] = [
  // Spaces and line breaks.
  ...[
    'sp ace',
    ' lead',
    'trail ',
    'new\nline',
    'two\n\nlines',
    'tab\t',
    'cr\r',
    '\u00a0nbsp',
    '\u2028separator',
  ],
  // Other scripts, compositions, directions.
  ...['café', 'comb\u0301', '日本', '😀', '\u202ertl', 'ı', 'ß', '\u200bzero'],
  // What a shell, a glob or a switch would be.
  ...[
    '-dash',
    '--help',
    '@at',
    '~tilde',
    '$(id)',
    '`id`',
    'semi;colon',
    'a&b',
    'a|b',
    'star*',
    'q?',
    '[br]',
    '{a,b}',
  ],
  ...['!bang', '#hash', '<x>', '(1)'],
  // What quoting, URIs and logs have marks of.
  ...[
    'quo"te',
    "apo's",
    'back\\slash',
    'back\\n',
    'pct%20',
    'saf%65',
    '%2e%2e',
    'a:b',
    'a: b',
    'a=b',
    'c:',
    'file:x',
  ],
  ...['bell\u0007', 'esc\u001b[31m', 'del\u007f', 'to -> here', 'x.py:1:1', ', ', ' ...', '[scan]'],
  // Dots, lengths, words of a language.
  ...['.dot', 'two..dots', '...', 'x'.repeat(200), '__proto__', 'constructor', 'null', 'con', 'safe'],
];
