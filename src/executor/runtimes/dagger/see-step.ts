import type { Container } from '@dagger.io/dagger';
import type { Session } from './open-session.ts';
import { STREAMS } from './places.ts';

/** A step that the engine ran, or had in its cache. */
export interface SeenStep {
  /** What it left, by its id. */
  readonly container: Container;
  readonly exitCode: number;
  /** Bytes of its streams. */
  readonly sizes: { readonly stdout: number; readonly stderr: number };
}

interface Answer {
  readonly node: {
    readonly exitCode: number;
    readonly stdout: { readonly size: number };
    readonly stderr: { readonly size: number };
  };
}

const QUERY = `query ($id: ID!, $stdout: String!, $stderr: String!) {
  node(id: $id) {
    ... on Container { exitCode stdout: file(path: $stdout) { size } stderr: file(path: $stderr) { size } }
  }
}`;

/**
 * Has a container evaluated whose last part is a step, and asks for all of it at once: a question takes the engine
 * longer than its answer. @throws as the SDK does
 */
export async function seeStep(session: Session, after: Container, step: string): Promise<SeenStep> {
  const id = await after.id();
  const [stdout, stderr] = [`${STREAMS}/${step}.stdout`, `${STREAMS}/${step}.stderr`];
  const { node } = await session.ask<Answer>(QUERY, { id, stdout, stderr });
  const sizes = { stdout: node.stdout.size, stderr: node.stderr.size };
  return { container: session.container(id), exitCode: node.exitCode, sizes };
}
