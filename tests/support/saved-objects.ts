/** One line of an export of OpenSearch Dashboards, as far as it is looked at. */
export interface SavedObject {
  readonly id: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly { readonly id: string; readonly name: string; readonly type: string }[];
  readonly migrationVersion: Readonly<Record<string, string>>;
}

export interface Aggregation {
  /** `terms`, `avg`, `nested` … */
  readonly kind: string;
  readonly field: string;
  /** Path of the nested field that it is in; empty at the top. */
  readonly nested: string;
}

interface Field {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Field>>;
}

/** The forms that OpenSearch Dashboards 1 to 3 write themselves. */
const MIGRATIONS: Readonly<Record<string, string>> = {
  'index-pattern': '7.6.0',
  visualization: '7.10.0',
  search: '7.9.3',
  dashboard: '7.9.3',
};
const NUMBERS = ['integer', 'long'];
const TAKES: Readonly<Record<string, readonly string[]>> = {
  terms: ['keyword', 'boolean'],
  term: ['keyword', 'boolean'],
  avg: NUMBERS,
  max: NUMBERS,
  sum: NUMBERS,
  date_histogram: ['date'],
  nested: ['nested'],
};
const COLUMNS = 48;

export function readExport(text: string): readonly SavedObject[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as SavedObject)
    .filter((one) => 'type' in one);
}

/** What is wrong with an export: what it refers to is there, and what it asks for is a field of its type in the mapping. */
export function problemsOf(text: string, properties: object): readonly string[] {
  const rows = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const objects = readExport(text);
  const problems: string[] = [];
  const last = rows.at(-1);
  if (last?.exportedCount !== objects.length || last.missingRefCount !== 0)
    problems.push('the last line counts wrong');
  const ids = objects.map(({ type, id }) => `${type}/${id}`);
  if (new Set(ids).size !== ids.length) problems.push('two objects have one id');
  for (const one of objects) {
    const say = (what: string) => problems.push(`${one.id}: ${what}`);
    if (
      one.migrationVersion[one.type] === undefined ||
      one.migrationVersion[one.type] !== MIGRATIONS[one.type]
    )
      say(`${one.type} is of no known form`);
    for (const { type, id } of one.references)
      if (!ids.includes(`${type}/${id}`)) say(`refers to ${type}/${id}, which does not exist`);
    const named = namesUsed(one);
    const given = one.references.map(({ name }) => name);
    for (const name of named) if (!given.includes(name)) say(`${name} is not among its references`);
    for (const name of given) if (!named.includes(name)) say(`its reference ${name} is not used`);
    for (const { kind, field, nested } of aggregationsOf(one)) {
      const found = fieldAt(properties as Readonly<Record<string, Field>>, field);
      if (found === undefined) say(`${field} is not in the mapping`);
      else if (!(TAKES[kind] ?? []).includes(found.type))
        say(`${kind} does not take ${field}, which is ${found.type}`);
      else if (found.nested !== nested)
        say(`${field} is in ${found.nested || 'no nested field'}, asked for in ${nested || 'none'}`);
    }
    for (const field of columnsOf(one)) {
      const found = fieldAt(properties as Readonly<Record<string, Field>>, field);
      if (found === undefined || found.nested !== '') say(`the column ${field} is not in the mapping`);
    }
    if (one.type === 'dashboard') problems.push(...overlaps(one));
  }
  return problems;
}

/** The aggregations of an object, with what they ask for. */
export function aggregationsOf({ type, attributes }: SavedObject): readonly Aggregation[] {
  if (type !== 'visualization') return [];
  const { aggs, params } = JSON.parse(String(attributes.visState)) as {
    readonly aggs: readonly { readonly type: string; readonly params: { readonly field?: string } }[];
    readonly params: { readonly spec?: string };
  };
  if (params.spec === undefined)
    return aggs.flatMap(({ type: kind, params: { field } }) =>
      field === undefined ? [] : [{ kind, field, nested: '' }],
    );
  const { data } = JSON.parse(params.spec) as { readonly data: { readonly url: Record<string, unknown> } };
  const { body } = data.url as { readonly body: { readonly aggs: Record<string, unknown> } };
  return [
    ...inBody(body.aggs, ''),
    { kind: 'date_histogram', field: String(data.url['%timefield%']), nested: '' },
  ];
}

function inBody(aggs: Readonly<Record<string, unknown>>, nested: string): readonly Aggregation[] {
  return Object.values(aggs).flatMap((one) => {
    const { aggs: below = {}, ...own } = one as { readonly aggs?: Record<string, unknown> };
    return Object.entries(own as Record<string, Record<string, unknown>>).flatMap(([kind, asked]) => {
      if (kind === 'nested') {
        const path = String(asked.path);
        return [{ kind, field: path, nested: path }, ...inBody(below, path)];
      }
      const direct: readonly Aggregation[] =
        kind === 'filter'
          ? Object.keys(asked.term as object).map((field) => ({ kind: 'term', field, nested }))
          : kind === 'composite'
            ? (
                asked.sources as readonly Record<string, Record<string, { readonly field: string }>>[]
              ).flatMap((source) =>
                Object.values(source).flatMap((by) =>
                  Object.entries(by).map(([how, { field }]) => ({ kind: how, field, nested })),
                ),
              )
            : [{ kind, field: String(asked.field), nested }];
      return [...direct, ...inBody(below, nested)];
    });
  });
}

function namesUsed({ type, attributes }: SavedObject): readonly string[] {
  if (type === 'dashboard')
    return (JSON.parse(String(attributes.panelsJSON)) as { panelRefName: string }[]).map(
      (panel) => panel.panelRefName,
    );
  const meta = attributes.kibanaSavedObjectMeta as { readonly searchSourceJSON: string } | undefined;
  const { indexRefName } = JSON.parse(meta?.searchSourceJSON ?? '{}') as { indexRefName?: string };
  return indexRefName === undefined ? [] : [indexRefName];
}

function columnsOf({ type, attributes }: SavedObject): readonly string[] {
  if (type === 'index-pattern') return [String(attributes.timeFieldName)];
  if (type !== 'search') return [];
  const { searchSourceJSON } = attributes.kibanaSavedObjectMeta as { readonly searchSourceJSON: string };
  const { query } = JSON.parse(searchSourceJSON) as { readonly query: { readonly query: string } };
  const asked = [...query.query.matchAll(/([\w.@-]+)\s*:/g)].map(([, field = '']) => field);
  const sorted = (attributes.sort as readonly (readonly string[])[]).map(([field = '']) => field);
  return [...(attributes.columns as readonly string[]), ...sorted, ...asked];
}

function fieldAt(
  properties: Readonly<Record<string, Field>>,
  path: string,
): { readonly type: string; readonly nested: string } | undefined {
  let [level, nested, at]: [Readonly<Record<string, Field>>, string, string] = [properties, '', ''];
  const names = path.split('.');
  for (const [index, name] of names.entries()) {
    const field: Field | undefined = level[name];
    if (field === undefined) return undefined;
    at = at === '' ? name : `${at}.${name}`;
    if (field.type === 'nested') nested = at;
    if (index === names.length - 1) return { type: field.type ?? 'object', nested };
    level = field.properties ?? {};
  }
  return undefined;
}

function overlaps({ id, attributes }: SavedObject): readonly string[] {
  const panels = JSON.parse(String(attributes.panelsJSON)) as {
    readonly panelIndex: string;
    readonly gridData: {
      readonly x: number;
      readonly y: number;
      readonly w: number;
      readonly h: number;
      readonly i: string;
    };
  }[];
  return panels.flatMap(({ panelIndex, gridData: a }, index) => [
    ...(a.x < 0 || a.x + a.w > COLUMNS || a.w < 1 || a.h < 1
      ? [`${id}: panel ${panelIndex} is off the grid`]
      : []),
    ...(a.i !== panelIndex ? [`${id}: panel ${panelIndex} is placed as ${a.i}`] : []),
    ...panels
      .slice(index + 1)
      .flatMap(({ panelIndex: other, gridData: b }) =>
        a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
          ? [`${id}: panels ${panelIndex} and ${other} overlap`]
          : [],
      ),
  ]);
}
