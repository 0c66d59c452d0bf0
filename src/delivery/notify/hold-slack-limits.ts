import { isRecord } from '../../core/is-record.ts';

// Slack refuses a whole message for one part of it that is over a limit, or empty (Block Kit reference).
const MOST_BLOCKS = 50;
const MOST_ELEMENTS = 10;
const LONGEST = { header: 150, section: 3_000, field: 2_000, text: 4_000 } as const;

/** A message as Slack takes it: what is too long is cut, and says so; what is empty or too many is left out, and counted. */
export function holdSlackLimits(message: unknown): unknown {
  if (!isRecord(message)) return message;
  const { text, blocks } = message;
  return {
    ...message,
    ...(typeof text === 'string' ? { text: cutText(text, LONGEST.text) } : {}),
    ...(Array.isArray(blocks) ? { blocks: heldBlocks(blocks) } : {}),
  };
}

/** Cuts at a character, never inside what Slack reads as one: `&amp;`, `<https://…|name>`. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = text.slice(0, most - 1);
  const open = kept.lastIndexOf('<');
  if (open > kept.lastIndexOf('>')) kept = kept.slice(0, open);
  return `${kept.replace(/&[a-z]{0,4}$/, '').replace(/[\ud800-\udbff]$/, '')}…`;
}

function heldBlocks(blocks: readonly unknown[]): readonly unknown[] {
  const held = blocks.flatMap((block) => heldBlock(block));
  if (held.length <= MOST_BLOCKS) return held;
  const more = `… and ${held.length - MOST_BLOCKS + 1} more`;
  const last = { type: 'context', elements: [{ type: 'mrkdwn', text: more }] };
  return [...held.slice(0, MOST_BLOCKS - 1), last];
}

/** No block where nothing would be left of it. */
function heldBlock(block: unknown): readonly unknown[] {
  if (!isRecord(block)) return [];
  switch (block.type) {
    case 'header': {
      const text = heldText(block.text, LONGEST.header);
      return text === undefined ? [] : [{ ...block, text }];
    }
    case 'section': {
      const { text, fields, ...rest } = block;
      const held = heldText(text, LONGEST.section);
      const list = heldList(fields, LONGEST.field);
      if (held === undefined && list.length === 0) return [];
      return [
        {
          ...rest,
          ...(held === undefined ? {} : { text: held }),
          ...(list.length === 0 ? {} : { fields: list }),
        },
      ];
    }
    case 'context': {
      const elements = heldList(block.elements, LONGEST.field);
      return elements.length === 0 ? [] : [{ ...block, elements }];
    }
    default:
      return [block];
  }
}

function heldList(list: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(list)) return [];
  const held = list.flatMap((one: unknown) =>
    isRecord(one) && typeof one.text === 'string' ? (heldText(one, most) ?? []) : [one],
  );
  if (held.length <= MOST_ELEMENTS) return held;
  const more = { type: 'mrkdwn', text: `… and ${held.length - MOST_ELEMENTS + 1} more` };
  return [...held.slice(0, MOST_ELEMENTS - 1), more];
}

function heldText(text: unknown, most: number): unknown {
  if (!isRecord(text) || typeof text.text !== 'string' || text.text.trim() === '') return undefined;
  return { ...text, text: cutText(text.text, most) };
}
