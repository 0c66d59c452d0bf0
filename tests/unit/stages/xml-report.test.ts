import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readXmlReport, xmlText } from '../../../src/stages/formats/xml-report.ts';

const schema = z.object({ list: z.object({ item: z.array(z.object({ name: z.string() })).optional() }) });

function read(text: string | undefined) {
  return readXmlReport('report', text, ['item'], schema);
}

describe('an XML report', () => {
  it('gives attributes and elements, one of a list too', () => {
    expect(read('<?xml version="1.0"?><list><!-- a > b --><item name="a &lt; b>c"/></list>')).toEqual({
      ok: true,
      value: { list: { item: [{ name: 'a &lt; b>c' }] } },
    });
  });

  it('has its entities put in once', () => {
    expect(xmlText('&amp;lt; &lt;&#39;&#x41;&quot; &bomb; &#1114112; &#0;')).toBe(
      '&lt; <\'A" &bomb; &#1114112; &#0;',
    );
  });

  const bomb = `<!DOCTYPE list [<!ENTITY a "${'x'.repeat(50)}">${'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'.repeat(9)}]>`;
  const refused: readonly [string, string | undefined, string][] = [
    ['that does not exist', undefined, 'report-missing'],
    ['that is empty', ' \n', 'report-empty'],
    ['with entities that grow', `${bomb}<list><item name="&b;"/></list>`, 'report-malformed'],
    ['with an entity from a file', '<!DOCTYPE l SYSTEM "file:///etc/passwd"><list/>', 'report-malformed'],
    ['with a DOCTYPE in small letters', '<!doctype list><list/>', 'report-malformed'],
    ['nested 100,000 deep', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`, 'report-malformed'],
    ['nested 101 deep', `${'<a>'.repeat(101)}${'</a>'.repeat(101)}`, 'report-malformed'],
    ['truncated in a tag', '<list><item name="a"', 'report-malformed'],
    ['cut off in a value', '<list><item name="a>', 'report-malformed'],
    ['cut off between elements', '<list><item name="a"/>', 'report-malformed'],
    ['cut off in a comment', `<list>${'<!-- '.repeat(20_000)}`, 'report-malformed'],
    ['cut off in CDATA', '<list><![CDATA[ </list>', 'report-malformed'],
    ['whose tags cross', '<list><item name="a"></list></item>', 'report-malformed'],
    ['that is JSON', '{"list": {"item": []}}', 'report-schema'],
    ['of another shape', '<other/>', 'report-schema'],
    ['that means an object of its own', '<__proto__><item name="a"/></__proto__>', ''],
  ];
  it.each(refused)('%s is refused', (_, text, reason) => {
    const outcome = read(text);
    expect(outcome).toMatchObject(reason === '' ? { ok: false } : { ok: false, failure: { reason } });
    expect(({} as Record<string, unknown>).item).toBeUndefined();
  });

  it('of more than 64 Mi characters is not parsed at all', () => {
    const before = performance.now();
    expect(read(`<list>${' '.repeat(64 * 2 ** 20)}</list>`)).toMatchObject({
      ok: false,
      failure: { reason: 'output-too-large' },
    });
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('is cut off at any place without a finding', () => {
    const whole = '<list><item name="a"/><item name="b"></item></list>';
    for (let at = 0; at < whole.length; at += 1)
      expect(read(whole.slice(0, at)).ok, whole.slice(0, at)).toBe(false);
    expect(read(whole).ok).toBe(true);
  });
});
