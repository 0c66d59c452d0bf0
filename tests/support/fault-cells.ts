import type { FailureReason } from '../../src/core/failure.ts';
import type { FaultText, OutputSpec } from '../../src/stages/contract/output.ts';
import type { StepPart, ToolDouble } from './tool-double.ts';

/** The columns of the matrix. */
export const FAULTS = [
  'missing binary',
  'crash',
  'kill -9',
  'timeout',
  'no report',
  'empty report',
  'truncated report',
  'other schema',
  'error text',
  'none looked at',
] as const;
export type Fault = (typeof FAULTS)[number];

/** One way in which a fault shows. */
export interface Variant {
  readonly what: string;
  /** Absent: nothing is installed. */
  readonly double?: ToolDouble;
  readonly reason: FailureReason;
}

/** What a scanner brings to the matrix. */
export interface Subject {
  readonly tool: string;
  readonly outputs: readonly OutputSpec[];
  readonly faults: readonly FaultText[];
  /** Replays the recorded clean case. */
  readonly clean: ToolDouble;
  /** A whole report of the same media type, of something else. */
  readonly foreign: string;
  /** Lines that the tool prints when it failed, each with the stream it goes to. */
  readonly faultTexts: readonly { readonly in: 'stdout' | 'stderr'; readonly text: string }[];
  /** What it leaves when it looked at no file. */
  readonly nothingExamined: readonly ToolDouble[];
  /** For tools that say in their report, and not on a stream, that they failed. */
  readonly confessing: readonly ToolDouble[];
  readonly missing: FailureReason;
}

/** Every way in which one fault of one scanner is tried. */
export function variants(subject: Subject, fault: Fault): readonly Variant[] {
  const { clean } = subject;
  switch (fault) {
    case 'missing binary':
      return [
        { what: 'not installed', reason: subject.missing },
        {
          what: 'no interpreter',
          double: { ...clean, interpreter: '/nonexistent/sh' },
          reason: 'spawn-failed',
        },
      ];
    case 'crash':
      return ended(clean, 'kill -SEGV $$', 'signal');
    case 'kill -9':
      return ended(clean, 'kill -9 $$', 'signal');
    case 'timeout':
      return ended(clean, 'exec sleep 600', 'timeout').slice(-1);
    case 'no report':
      return lost(subject, () => undefined);
    case 'empty report':
      return lost(subject, () => '');
    case 'truncated report':
      return structured(subject).flatMap((spec) => [
        ...lost(only(subject, spec), (text) => text.slice(0, text.length / 2), 'report-malformed'),
        ...(isText(spec)
          ? []
          : lost(only(subject, spec), (text) => text.trimEnd().slice(0, -1), 'report-malformed')),
      ]);
    case 'other schema':
      return structured(subject).flatMap((spec) =>
        (isXml(spec) ? ['<other/>'] : ['{}', '[]', 'null', subject.foreign]).flatMap((text) =>
          lost(only(subject, spec), () => text, 'report-schema'),
        ),
      );
    case 'error text':
      return [
        ...subject.faultTexts.flatMap((said) => spoken(clean, said)),
        ...subject.confessing.map(
          (double): Variant => ({ what: 'says so in its report', double, reason: 'error-text' }),
        ),
      ];
    case 'none looked at':
      return subject.nothingExamined.map((double, index) => ({
        what: `way ${index}`,
        double,
        reason: 'nothing-examined',
      }));
  }
}

/** With a last command other than the exit, at each step in turn; everything was written before. */
function ended(clean: ToolDouble, end: string, reason: FailureReason): Variant[] {
  return clean.steps.map((_, index) => ({
    what: `step ${index}`,
    double: withStep(clean, index, (step) => ({ ...step, end })),
    reason,
  }));
}

function spoken(
  clean: ToolDouble,
  { in: stream, text }: { in: 'stdout' | 'stderr'; text: string },
): Variant[] {
  return clean.steps.map((_, index) => ({
    what: `step ${index} says ${text}`,
    double: withStep(clean, index, (step) => ({ ...step, [stream]: `${step[stream]}${text}\n` })),
    reason: 'error-text',
  }));
}

/** With each of the outputs changed in turn, or left out. */
function lost(
  subject: Subject,
  change: (text: string) => string | undefined,
  reason?: FailureReason,
): Variant[] {
  return subject.outputs.flatMap((spec): Variant[] => {
    const { file } = spec;
    const index = subject.clean.steps.findIndex((step) =>
      file === undefined ? step.streams[spec.name] !== undefined : step.files[file] !== undefined,
    );
    const step = subject.clean.steps[index];
    if (step === undefined) return [];
    const stream = step.streams[spec.name];
    const whole = (file === undefined ? step[stream ?? 'stdout'] : step.files[file]) ?? '';
    const text = change(whole);
    // What the tool leaves when all is well is no fault: some say nothing, or an empty list.
    if (text === whole.trim() || (text === undefined && whole === '' && file === undefined)) return [];
    // An output that may be empty proves that something was looked at: without it nothing was.
    const gone = spec.mayBeEmpty === true ? 'nothing-examined' : 'report-empty';
    const expected = reason ?? (text === undefined && file !== undefined ? 'report-missing' : gone);
    const edited = (part: StepPart): StepPart => {
      if (file === undefined) return { ...part, [stream ?? 'stdout']: text ?? '' };
      const { [file]: _, ...others } = part.files;
      return { ...part, files: text === undefined ? others : { ...others, [file]: text } };
    };
    return [
      {
        what: `${spec.name} is ${text === undefined ? 'absent' : JSON.stringify(text.slice(0, 40))}`,
        double: withStep(subject.clean, index, edited),
        reason: expected,
      },
    ];
  });
}

/**
 * Outputs in which a cut or another shape can be seen; plain text says nothing of either, unless it is all that there is:
 * then its parser must know its end and its own words.
 */
function structured(subject: Subject): readonly OutputSpec[] {
  const formal = subject.outputs.filter((spec) => /json$/.test(spec.mediaType) || isXml(spec));
  return formal.length > 0 ? formal : subject.outputs.filter(isText);
}

function isText(spec: OutputSpec): boolean {
  return spec.type === 'text';
}

function isXml(spec: OutputSpec): boolean {
  return /xml$/.test(spec.mediaType);
}

function only(subject: Subject, spec: OutputSpec): Subject {
  return { ...subject, outputs: [spec] };
}

function withStep(double: ToolDouble, at: number, edit: (step: StepPart) => StepPart): ToolDouble {
  return { ...double, steps: double.steps.map((step, index) => (index === at ? edit(step) : step)) };
}

/** The double with one output replaced: for reports that say something else. */
export function saying(double: ToolDouble, output: string, spec: OutputSpec, text: string): ToolDouble {
  return {
    ...double,
    steps: double.steps.map((step) => {
      const stream = step.streams[output];
      if (stream !== undefined) return { ...step, [stream]: text };
      if (spec.file === undefined || step.files[spec.file] === undefined) return step;
      return { ...step, files: { ...step.files, [spec.file]: text } };
    }),
  };
}
