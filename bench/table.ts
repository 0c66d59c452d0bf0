import type { Samples } from './measure.ts';
import type { Figure } from './row.ts';

/** A figure as lines: ours with what is to be reached, then each other side with our ratio to it. */
export function table(figures: readonly Figure[]): string {
  return figures.flatMap(lines).join('\n');
}

function lines({ what, unit, ours, others, reach }: Figure): string[] {
  const verdict =
    reach === undefined
      ? ''
      : `${ours.median <= reach.limit ? 'reached' : 'MISSED '}  ${reach.text} = ${number(reach.limit)} ${unit}`;
  return [
    `${what.padEnd(44)} ${spread(ours, unit)}  ${verdict}`,
    ...others.map((other) => {
      const ratio = (ours.median / other.median).toFixed(2);
      return `  ${other.name.padEnd(42)} ${spread(other, unit)}  ours is ${ratio} x`;
    }),
  ];
}

function spread({ median, min, max }: Samples, unit: string): string {
  return `${number(median).padStart(8)} ${unit} (${number(min)} to ${number(max)})`.padEnd(34);
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
