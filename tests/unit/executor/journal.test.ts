import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../../../src/core/canonical.ts';
import { stageId } from '../../../src/core/ids.ts';
import {
  findResumable,
  type Journal,
  openJournal,
  partialDir,
  removeDeadRuns,
  workFolder,
} from '../../../src/executor/engine/journal.ts';
import { takeFolderLock } from '../../../src/io/folder-lock.ts';

const PLAN = digestOf('plan');
let exportDir: string;
beforeEach(() => {
  exportDir = join(mkdtempSync(join(tmpdir(), 'secplan-test-')), 'export');
});
afterEach(() => rmSync(join(exportDir, '..'), { recursive: true, force: true }));

function open(bundleId: string, nowMs = 1, planDigest = PLAN): Journal {
  const opened = openJournal({ exportDir, bundleId, planDigest, nowMs });
  if (!opened.ok || opened.value === null) throw new Error('not opened');
  return opened.value;
}

function entry(stage: string, cached = false) {
  return { stage: stageId(stage), key: digestOf(stage), cached };
}

/** A process that has ended; its pid is no one's. */
async function deadPid(): Promise<number> {
  const child = spawn('true');
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid ?? 0;
}

describe('journal', () => {
  it('is found again with what was finished, and goes on', () => {
    const first = open('x');
    first.record(entry('a'));
    first.record(entry('b:web', true));
    first.close();
    const second = findResumable(exportDir, PLAN);
    expect([...(second?.finished.values() ?? [])]).toEqual([entry('a'), entry('b:web', true)]);
    second?.record(entry('c'));
    second?.close();
    const third = findResumable(exportDir, PLAN);
    expect([...(third?.finished.keys() ?? [])]).toEqual(['a', 'b:web', 'c']);
    expect(third?.dir).toBe(partialDir(exportDir, 'x'));
    third?.close();
  });

  it('of another plan, of no export folder or of a damaged head is not found', () => {
    expect(findResumable(exportDir, PLAN)).toBeUndefined();
    open('x', 1, digestOf('other')).close();
    mkdirSync(partialDir(exportDir, 'y'));
    writeFileSync(join(partialDir(exportDir, 'y'), 'journal.jsonl'), '{"schema":');
    mkdirSync(partialDir(exportDir, 'z'));
    expect(findResumable(exportDir, PLAN)).toBeUndefined();
  });

  it('the newest wins', () => {
    for (const [id, at] of [
      ['b', 5],
      ['c', 9],
      ['a', 7],
    ] as const)
      open(id, at).close();
    const found = findResumable(exportDir, PLAN);
    expect(found?.bundleId).toBe('c');
    found?.close();
  });

  it('bears a torn last line, at every place where it can be torn', () => {
    const whole = open('x');
    for (const stage of ['a', 'b']) whole.record(entry(stage));
    whole.close();
    const text = readFileSync(join(whole.dir, 'journal.jsonl'), 'utf8');
    const lines = text.split('\n');
    const keep = text.length - (lines.at(-2)?.length ?? 0) - 1;
    for (let cut = keep; cut < text.length; cut += 1) {
      writeFileSync(join(whole.dir, 'journal.jsonl'), text.slice(0, cut));
      const resumed = findResumable(exportDir, PLAN);
      expect([...(resumed?.finished.keys() ?? [])].slice(0, 1)).toEqual(['a']);
      resumed?.record(entry('c'));
      resumed?.close();
      const again = findResumable(exportDir, PLAN);
      expect([...(again?.finished.keys() ?? [])]).toContain('c');
      again?.close();
    }
  });

  it('takes no entry that it could not have written', () => {
    const first = open('x');
    first.close();
    const lines = [
      '{"stage":"../x","key":"sha256:0"}',
      'null',
      '[]',
      '{"stage":"a"}',
      `{"stage":"a","key":"${digestOf('k')}0"}`,
    ];
    appendFileSync(join(first.dir, 'journal.jsonl'), `${lines.join('\n')}\n`);
    const resumed = findResumable(exportDir, PLAN);
    expect(resumed?.finished.size).toBe(0);
    resumed?.close();
  });

  it('two runs at one time have a folder each, and neither resumes the other', () => {
    const first = open('x');
    expect(openJournal({ exportDir, bundleId: 'x', planDigest: PLAN, nowMs: 2 })).toMatchObject({
      ok: true,
      value: null,
    });
    const second = open('x-2');
    first.record(entry('a'));
    second.record(entry('b'));
    expect(findResumable(exportDir, PLAN)).toBeUndefined();
    second.close();
    const resumed = findResumable(exportDir, PLAN);
    expect([...(resumed?.finished.keys() ?? [])]).toEqual(['b']);
    resumed?.close();
    first.close();
  });

  it('of a holder that has ended but was not buried is free', async () => {
    const journal = open('x');
    const { dir } = journal;
    journal.close();
    // `sleep` never asks after the child that it inherits from the shell; that one ends once the shell is gone.
    const parent = spawn('sh', ['-c', 'exec 3<&0; cat <&3 & echo $!; exec sleep 1000']);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const tick = () => new Promise((resolve) => setImmediate(resolve));
    while (readFileSync(`/proc/${parent.pid}/comm`, 'utf8') !== 'sleep\n') await tick();
    parent.stdin.end();
    const stat = () =>
      readFileSync(`/proc/${Number(line)}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    while (stat()[0] !== 'Z') await tick();
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const started = `${boot}:${stat()[19]}`;
    writeFileSync(join(dir, 'lock.1'), JSON.stringify({ pid: Number(line), started }));
    const lock = takeFolderLock(dir);
    expect(lock).toBeDefined();
    lock?.release();
  });

  it('of a killed run goes with the next run, its work and its half bundle too; one at work stays', () => {
    const [dead, live] = [open('dead'), open('live')];
    for (const { dir } of [dead, live])
      mkdirSync(join(workFolder(dir), 'secplan-etc-x'), { recursive: true });
    mkdirSync(join(dead.dir, 'bundle'));
    dead.record(entry('a'));
    dead.close();
    // Killed before it had a journal; and a file, which is nobody's run.
    mkdirSync(partialDir(exportDir, 'young'));
    writeFileSync(partialDir(exportDir, 'file'), 'x');
    symlinkSync(live.dir, partialDir(exportDir, 'link'));
    removeDeadRuns(exportDir);
    expect(readdirSync(exportDir).sort()).toEqual(['.file.partial', '.link.partial', '.live.partial']);
    expect(readdirSync(workFolder(live.dir))).toEqual(['secplan-etc-x']);
    live.close();
    removeDeadRuns(join(exportDir, 'not-there'));
  });

  it('in a folder that cannot be made is SP5003', () => {
    mkdirSync(join(exportDir, '..'), { recursive: true });
    writeFileSync(exportDir, 'a file');
    expect(openJournal({ exportDir, bundleId: 'x', planDigest: PLAN, nowMs: 1 })).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'SP5003' }],
    });
  });
});

describe('takeFolderLock', () => {
  function lockOf(pid: number, started: unknown): void {
    mkdirSync(exportDir, { recursive: true });
    writeFileSync(join(exportDir, 'lock.1'), JSON.stringify({ pid, started }));
  }

  it('holds against this very process and lets go', () => {
    mkdirSync(exportDir, { recursive: true });
    const lock = takeFolderLock(exportDir);
    expect(takeFolderLock(exportDir)).toBeUndefined();
    lock?.release();
    expect(takeFolderLock(exportDir)).toBeDefined();
  });

  it('overtakes a dead holder, and one whose pid is another process now', async () => {
    lockOf(await deadPid(), null);
    takeFolderLock(exportDir)?.release();
    // The lock of the dead goes with that of who overtook it.
    expect(readdirSync(exportDir)).toEqual([]);
    lockOf(process.pid, 'boot:0');
    expect(takeFolderLock(exportDir)).toBeDefined();
  });

  it('a torn lock holds nobody off', () => {
    mkdirSync(exportDir, { recursive: true });
    writeFileSync(join(exportDir, 'lock.7'), '{"pid":');
    expect(takeFolderLock(exportDir)).toBeDefined();
  });

  it('a live process of another start holds it', async () => {
    const child = spawn('sleep', ['1000']);
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    lockOf(child.pid ?? 0, `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`);
    expect(takeFolderLock(exportDir)).toBeUndefined();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    expect(takeFolderLock(exportDir)).toBeDefined();
  });
});
