import * as z from 'zod';
import { isRecord } from '../../core/is-record.ts';
import { type CyclonedxBom, cyclonedxBom } from './cyclonedx-report.ts';
import type { Reading } from './reading.ts';
import { readXmlReport, xmlText } from './xml-report.ts';

type Element = Readonly<Record<string, unknown>>;

const NAMESPACE = /^https?:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)$/;

/**
 * A CycloneDX document in XML, in the shape of its JSON. Before version 1.4 vulnerabilities were an extension with its
 * own prefix, below the document or below a component.
 */
export function readCyclonedxXml(output: string, text: string | undefined): Reading<CyclonedxBom> {
  const read = readXmlReport(output, text, [], z.unknown());
  if (!read.ok) return read;
  const root = withoutPrefixes(read.value);
  const bom = isRecord(root) && isRecord(root.bom) ? root.bom : undefined;
  const specVersion = NAMESPACE.exec(String(bom?.xmlns ?? ''))?.[1];
  if (bom === undefined || specVersion === undefined)
    return refused(output, 'its root is not bom in the namespace of CycloneDX');
  const components = elementsIn(bom.components, 'component');
  const metadata = isRecord(bom.metadata) ? elementsIn(bom.metadata, 'component')[0] : undefined;
  const result = cyclonedxBom.safeParse({
    bomFormat: 'CycloneDX',
    specVersion,
    ...(metadata === undefined ? {} : { metadata: { component: componentOf(metadata) } }),
    components: components.map(componentOf),
    vulnerabilities: [
      ...elementsIn(bom.vulnerabilities, 'vulnerability').map((item) => vulnerabilityOf(item, undefined)),
      ...allBelow(components).flatMap((holder) =>
        elementsIn(holder.vulnerabilities, 'vulnerability').map((item) =>
          vulnerabilityOf(item, refOf(holder)),
        ),
      ),
    ],
  });
  if (result.success) return { ok: true, value: result.data };
  const [issue] = result.error.issues;
  return refused(
    output,
    `${issue?.message ?? 'unknown shape'} at /${issue?.path.map(String).join('/') ?? ''}`,
  );
}

function refused<T>(output: string, detail: string): Reading<T> {
  return { ok: false, failure: { reason: 'report-schema', output, detail } };
}

/** Names of elements without their prefix; attributes such as `xmlns:v` have none that matters. */
function withoutPrefixes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrefixes);
  if (!isRecord(value)) return value;
  const members = Object.entries(value).filter(([name]) => !name.startsWith('xmlns:'));
  return Object.fromEntries(
    members.map(([name, member]) => [name.replace(/^.*:/, ''), withoutPrefixes(member)]),
  );
}

/** The elements of a name below another; of an empty or absent one none. */
function elementsIn(value: unknown, name: string): readonly Element[] {
  const found = isRecord(value) ? [value[name]].flat() : [];
  return found.filter(isRecord);
}

function allBelow(top: readonly Element[]): readonly Element[] {
  return top.flatMap((item) => [item, ...allBelow(elementsIn(item.components, 'component'))]);
}

/** Text of an element, also where it has attributes; undefined where it is empty or absent. */
function textOf(value: unknown): string | undefined {
  const text = isRecord(value) ? value['#text'] : Array.isArray(value) ? value[0] : value;
  return typeof text === 'string' && text !== '' ? xmlText(text) : undefined;
}

function refOf(item: Element): string | undefined {
  return textOf(item['bom-ref']) ?? textOf(item.purl);
}

function componentOf(item: Element): unknown {
  return {
    'bom-ref': refOf(item),
    group: textOf(item.group),
    // A name is required, and refused where it is absent.
    name: textOf(item.name),
    version: textOf(item.version),
    purl: textOf(item.purl),
    components: elementsIn(item.components, 'component').map(componentOf),
  };
}

function vulnerabilityOf(item: Element, holder: string | undefined): unknown {
  const source = isRecord(item.source) ? item.source : {};
  const extension = textOf(item.ref) ?? holder;
  const targets = elementsIn(item.affects, 'target').flatMap(({ ref }) => textOf(ref) ?? []);
  const cwes = isRecord(item.cwes) ? [item.cwes.cwe].flat().map((cwe) => Number(textOf(cwe))) : [];
  return {
    id: textOf(item.id),
    description: textOf(item.description),
    source: { url: textOf(source.url) },
    references: elementsIn(item.references, 'reference').map(({ id }) => ({ id: textOf(id) })),
    ratings: elementsIn(item.ratings, 'rating').map(ratingOf),
    cwes: cwes.filter((cwe) => Number.isInteger(cwe)),
    affects: [...targets, ...(targets.length === 0 && extension !== undefined ? [extension] : [])].map(
      (ref) => ({
        ref,
      }),
    ),
  };
}

function ratingOf({ severity, score, method, vector }: Element): unknown {
  // The extension has `score/base`.
  const number = Number.parseFloat(textOf(isRecord(score) ? (score.base ?? score['#text']) : score) ?? '');
  return {
    severity: textOf(severity),
    ...(Number.isFinite(number) ? { score: number } : {}),
    method: textOf(method),
    vector: textOf(vector),
  };
}
