import { describe, expect, it } from 'vitest';
import { sectionsOf, tagOf } from '../../../src/io/s3/s3-client.ts';

describe('an answer of a store', () => {
  it.each([
    ['<ETag>&quot;a&quot;</ETag>', '"a"'],
    ['<ETag>&#34;a&#34;</ETag>', '"a"'],
    ['<ETag>&#x22;a&#X22;</ETag>', '"a&#X22;'],
    ['<ETag>&amp;lt;&lt;&gt;&apos;</ETag>', "&lt;<>'"],
    ['<ETag>&#9999999;&unknown;</ETag>', '&unknown;'],
    ['<ETag></ETag>', ''],
    ['<ETag/>', undefined],
    [`<ETag>${'a'.repeat(3000)}</ETag>`, undefined],
  ])('%s says %j', (xml, said) => {
    expect(tagOf(xml, 'ETag')).toBe(said);
  });

  it('is taken apart by its elements, and what is cut off is nothing', () => {
    const xml = '<L><Upload><Key>a</Key></Upload><Upload><Key>b</Key></Upload><Upload><Key>c';
    expect(sectionsOf(xml, 'Upload').map((one) => tagOf(one, 'Key'))).toEqual(['a', 'b', undefined]);
  });
});
