import { ENCODINGS } from './encodings.ts';
import { FILE_KINDS, type FileKind } from './file-kinds.ts';
import { FILE_NAMES } from './file-names.ts';
import { FOLDER_NAMES } from './folder-names.ts';

/** One file of the tree. */
export interface PlantedFile {
  readonly path: string;
  readonly content: Buffer;
  readonly kind: FileKind;
  /** Whether the kind's flaw stands in it as text. */
  readonly flawed: boolean;
}

/** Pairs of a name or an encoding with a folder, drawn once for all by a fixed seed. */
const PAIRS = 40;

/** Every folder once, every name once, every encoding once and the drawn pairs, for each kind of file. */
export function plantedTree(): readonly PlantedFile[] {
  return FILE_KINDS.flatMap((kind) => [
    ...FOLDER_NAMES.map((folder) => plain(kind, folder, 'm')),
    ...FILE_NAMES.map((name) => plain(kind, 'names', name)),
    ...ENCODINGS.map((_, at) => encoded(kind, 'texts', at)),
    ...Object.entries(kind.hard).map(([name, text]) => ({
      ...{
        path: below(kind, 'hard', name),
        content: Buffer.from(text),
        kind,
        flawed: text.includes(kind.text),
      },
    })),
    ...drawn().map(([folder, name, encoding], at) =>
      at % 2 === 0
        ? plain(kind, `pairs/${at}/${folder}`, name)
        : encoded(kind, `pairs/${at}/${folder}`, encoding),
    ),
  ]);
}

function below(kind: FileKind, folder: string, stem: string): string {
  const file = kind.file(stem);
  // A pack of samples is one folder.
  return kind.id === 'person' ? file.replace('privacy/', `privacy/${folder}/`) : `${folder}/${file}`;
}

function plain(kind: FileKind, folder: string, stem: string): PlantedFile {
  return { path: below(kind, folder, stem), content: Buffer.from(kind.text), kind, flawed: true };
}

function encoded(kind: FileKind, folder: string, at: number): PlantedFile {
  const encoding = ENCODINGS[at];
  if (encoding === undefined) throw new RangeError(`no encoding ${at}`);
  const content = encoding.write(kind.text, kind.comment);
  return { path: below(kind, folder, encoding.name), content, kind, flawed: encoding.holdsText };
}

function drawn(): readonly (readonly [string, string, number])[] {
  let seed = 86;
  const draw = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  return Array.from({ length: PAIRS }, () => [
    FOLDER_NAMES[draw(FOLDER_NAMES.length)] ?? '',
    FILE_NAMES[draw(FILE_NAMES.length)] ?? '',
    draw(ENCODINGS.length),
  ]);
}
