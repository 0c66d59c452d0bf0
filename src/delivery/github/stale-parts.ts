import { type GithubClient, jsonOf } from './github-client.ts';

const PER_PAGE = 100;
const PAGES = 3;

/**
 * Categories of parts that an earlier, longer report of a ref left behind, whose alerts would stay open; undefined where
 * GitHub does not say. @throws DeliveryError
 */
export async function staleParts(
  client: GithubClient,
  ref: string,
  category: string,
  parts: number,
): Promise<readonly string[] | undefined> {
  // Newest first: of each category the first says how it stands.
  const open = new Map<string, boolean>();
  for (let page = 1; page <= PAGES; page++) {
    const query = new URLSearchParams({
      tool_name: 'secplan',
      ref,
      per_page: String(PER_PAGE),
      page: String(page),
    });
    const url = `${client.base}/code-scanning/analyses?${query}`;
    const answer = await client.call({ method: 'GET', url });
    const list = jsonOf(answer);
    // Nothing was uploaded yet.
    if (answer.status === 404) break;
    if (answer.status !== 200 || !Array.isArray(list)) return undefined;
    for (const one of list as readonly (Readonly<Record<string, unknown>> | null)[]) {
      const name = typeof one?.category === 'string' ? one.category.replace(/\/+$/, '') : '';
      if (!open.has(name)) open.set(name, Number(one?.results_count) > 0);
    }
    if (list.length < PER_PAGE) break;
  }
  return [...open].flatMap(([name, isOpen]) => {
    if (!isOpen || !name.startsWith(`${category}/part-`)) return [];
    const number = /^[1-9]\d{0,5}$/.exec(name.slice(`${category}/part-`.length))?.[0];
    return number !== undefined && Number(number) > parts ? [name] : [];
  });
}
