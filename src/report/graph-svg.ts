import { isToolStage, type Plan, type ServiceStage, type ToolStage } from '../planner/ir/ir.ts';
import { shortened, visible, xmlText } from './graph-escape.ts';
import { type Cell, graphLayout, type Place } from './graph-layout.ts';
import { durationText, networkText } from './graph-rows.ts';

const BOX = { width: 200, height: 40 };
const GAP = { x: 44, y: 12 };
const MARGIN = 16;
const STEP = { width: 92, height: 32, gap: 22 };
const HEADER = 34;
// Monospaced at 11 px a character is 6.7 px wide: as many as a box holds.
const CHARS = 27;

/** The plan as a standalone SVG image, without scripts, links or fonts; legible on light and dark ground. */
export function graphSvg(plan: Plan): string {
  const layout = graphLayout(plan);
  const inner = {
    width: layout.columns * BOX.width + (layout.columns - 1) * GAP.x,
    height: layout.rows * BOX.height + (layout.rows - 1) * GAP.y,
  };
  const frame = {
    x: MARGIN,
    y: MARGIN + HEADER,
    width: inner.width + 2 * MARGIN,
    height: inner.height + 2 * MARGIN,
  };
  const closing = plan.stages.filter((stage) => !('tool' in stage)).map(({ id }) => id);
  // In the order in which they run, beside the frame.
  const steps = [
    ...['aggregate', 'gate', 'report', 'attest', 'sign'].filter((id) => closing.some((one) => one === id)),
    ...['deliver:', 'notify:'].flatMap((kind) => closing.filter((id) => id.startsWith(kind))),
  ];
  const width = frame.x + frame.width + GAP.x + STEP.width + MARGIN;
  const height =
    Math.max(frame.y + frame.height, frame.y + steps.length * (STEP.height + STEP.gap) - STEP.gap) + MARGIN;
  const middle = (frame.y + height - MARGIN) / 2;
  const at = ({ column, row }: Place) => ({
    x: frame.x + MARGIN + column * (BOX.width + GAP.x),
    y: frame.y + MARGIN + row * (BOX.height + GAP.y),
  });
  const stepX = frame.x + frame.width + GAP.x;
  const stepY = (index: number) => middle + (index - (steps.length - 1) / 2) * (STEP.height + STEP.gap);
  const title = `${plan.name}, profile ${plan.profile}: ${plan.stages.filter(isToolStage).length} scanners`;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="11">`,
    `<title>${xmlText(title)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#808080"/></marker></defs>',
    `<text x="${MARGIN}" y="${MARGIN + 16}" font-size="14" font-weight="bold" fill="#808080">${xmlText(shortened(visible(title), Math.floor((width - 2 * MARGIN) / 8.6)))}</text>`,
    `<rect x="${frame.x}" y="${frame.y}" width="${frame.width}" height="${frame.height}" rx="10" fill="#808080" fill-opacity="0.08" stroke="#808080" stroke-dasharray="4 3"/>`,
    ...layout.edges.map((places) => curve(places.map(at))),
    ...steps.map((_, index) =>
      index === 0
        ? arrow(`M${frame.x + frame.width} ${stepY(0)}H${stepX}`)
        : arrow(
            `M${stepX + STEP.width / 2} ${stepY(index - 1) + STEP.height / 2}V${stepY(index) - STEP.height / 2}`,
          ),
    ),
    ...layout.cells.map((cell) => box(cell, at(cell))),
    ...steps.map((id, index) => step(id, stepX, stepY(index))),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function arrow(path: string): string {
  return `<path d="${path}" fill="none" stroke="#808080" stroke-width="1.5" marker-end="url(#arrow)"/>`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

// From the right side of the first box, straight through the free places between, to the left side of the last.
function curve(corners: readonly Point[]): string {
  const bend = GAP.x * 0.6;
  let path = '';
  let from: Point | undefined;
  for (const [index, corner] of corners.entries()) {
    const y = corner.y + BOX.height / 2;
    path +=
      from === undefined
        ? `M${corner.x + BOX.width} ${y}`
        : `C${from.x + bend} ${from.y} ${corner.x - bend} ${y} ${corner.x} ${y}`;
    if (index > 0 && index < corners.length - 1) path += `H${corner.x + BOX.width}`;
    from = { x: corner.x + BOX.width, y };
  }
  return arrow(path);
}

function box({ stage }: Cell, { x, y }: { readonly x: number; readonly y: number }): string {
  const { facts, version, category } = stage.kind === 'service' ? aboutService(stage) : aboutScanner(stage);
  const whole = `${stage.id}${version ? ` ${version}` : ''}: ${facts}`;
  return [
    `<g><title>${xmlText(whole)}</title>`,
    `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="${fillOf(category)}" stroke="#808080"/>`,
    `<text x="${x + 9}" y="${y + 17}" font-weight="bold" fill="#1b1b1b">${xmlText(shortened(visible(stage.id), CHARS))}</text>`,
    `<text x="${x + 9}" y="${y + 32}" fill="#3a3a3a">${xmlText(shortened(visible(facts), CHARS))}</text></g>`,
  ].join('');
}

function aboutScanner(stage: ToolStage) {
  const network = stage.network === 'none' ? '' : `, ${networkText(stage.network)}`;
  const facts = `${stage.category}, ${durationText(stage.timeoutMs)}${network}`;
  return { facts, version: stage.providers[0]?.version, category: stage.category as string };
}

function aboutService({ ports, image, health }: ServiceStage) {
  const at = ports.length === 0 ? 'service' : `service on ${ports.join(', ')}`;
  return { facts: `${at}, ${durationText(health.timeoutMs)}`, version: image, category: 'service' };
}

function step(id: string, x: number, middle: number): string {
  return [
    `<g><rect x="${x}" y="${middle - STEP.height / 2}" width="${STEP.width}" height="${STEP.height}" rx="16" fill="#e8e8e8" stroke="#808080"/>`,
    `<text x="${x + STEP.width / 2}" y="${middle + 4}" text-anchor="middle" font-weight="bold" fill="#1b1b1b">${xmlText(id)}</text></g>`,
  ].join('');
}

// Pale enough for dark text on them, wherever the picture stands.
const FILLS: Readonly<Record<string, string>> = {
  sast: '#cfe3fb',
  sca: '#d8f0d2',
  secrets: '#fbd9d3',
  iac: '#e6dcf8',
  api: '#fdebc8',
  dast: '#fdebc8',
  container: '#cdeeee',
  kubernetes: '#cdeeee',
  cloud: '#cdeeee',
  'supply-chain': '#e3ead0',
  runtime: '#d3d9e6',
  trust: '#f4efa6',
  fuzz: '#ecd3b6',
  privacy: '#f8d8ea',
  license: '#e7e2d4',
};

function fillOf(category: string): string {
  return FILLS[category] ?? '#e4e6ea';
}
