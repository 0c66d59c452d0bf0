import type { Failure } from '../../../core/failure.ts';
import type { Step } from '../../../stages/contract/command.ts';
import type { StageInvocation } from '../../ports.ts';
import { limitsFor } from '../shared/held-limits.ts';
import { FILE_TOO_LARGE, STEP_LIMITS, SUPERVISED } from './supervise.ts';

interface Supervised {
  readonly invocation: StageInvocation;
  readonly step: Step;
  readonly limits: { readonly fileBytes: number };
}

/** What a code means with which the supervisor ended a step; undefined where it is the tool's own. */
export function supervisedFailure(
  exitCode: number,
  { invocation: { stage }, step, limits }: Supervised,
): Failure | undefined {
  const { fileBytes, processes, out, scratch } = limitsFor(stage.resources, { ...STEP_LIMITS, ...limits });
  switch (exitCode) {
    case SUPERVISED.timeout:
      return { reason: 'timeout', limitMs: stage.timeoutMs };
    case SUPERVISED.memory:
      return { reason: 'memory', limitBytes: stage.resources.memoryMb * 2 ** 20 };
    case SUPERVISED.interrupted:
      // Another run of the same stage was interrupted, and the engine runs equal steps once.
      return { reason: 'signal', step: step.id, signal: 'SIGKILL' };
    case SUPERVISED.notEnclosed:
      return {
        reason: 'sandbox-unavailable',
        detail: 'the engine did not let the step be shut in; see its log',
      };
    case SUPERVISED.processes:
      return { reason: 'process-limit', limit: processes };
    case SUPERVISED.outFiles:
      return { reason: 'file-limit', folder: '/out', limit: out.files };
    case SUPERVISED.outBytes:
      return { reason: 'disk-limit', folder: '/out', limitBytes: out.bytes };
    case SUPERVISED.tmpFiles:
      return { reason: 'file-limit', folder: '/tmp', limit: scratch.files };
    case SUPERVISED.tmpBytes:
      return { reason: 'disk-limit', folder: '/tmp', limitBytes: scratch.bytes };
    case FILE_TOO_LARGE: {
      const output = stage.outputSpecs[0]?.name ?? 'output';
      return { reason: 'output-too-large', output, limitBytes: fileBytes };
    }
    default:
      return undefined;
  }
}
