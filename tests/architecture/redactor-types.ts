import type { HandOnRequest } from '../../src/app/deliver/hand-on-bundle.ts';
import type { redactPaths } from '../../src/app/gate/redact-paths.ts';
import type { CachesToShare } from '../../src/app/remote-cache/share-cache.ts';
import type { Secrets } from '../../src/app/scan/phases/secrets.ts';
import type { PublishRedactor, Redactor, StoreRedactor } from '../../src/core/redaction/redactor.ts';
import type { DeliverRequest } from '../../src/delivery/deliver-bundle.ts';
import type { cleanAnswers } from '../../src/delivery/shared/clean-answers.ts';
import type { openDeadLetters } from '../../src/delivery/shared/dead-letters.ts';
import type { openDeliveryLog } from '../../src/delivery/shared/delivery-log.ts';
import type { DeliveryContext } from '../../src/delivery/shared/delivery-types.ts';
import type { AttestOptions } from '../../src/evidence/attest/attest-bundle.ts';
import type { BundleWriter } from '../../src/evidence/bundle/bundle-writer.ts';
import type { CommandSurroundings } from '../../src/evidence/sign/command-signer.ts';
import type { keylessSigner } from '../../src/evidence/sign/keyless-signer.ts';
import type { SignerSurroundings } from '../../src/evidence/sign/open-signer.ts';
import type { RemoteCache } from '../../src/executor/cache/remote/with-remote.ts';
import type { collectOutputs } from '../../src/executor/engine/collect-outputs.ts';
import type { redactResults } from '../../src/executor/engine/redact-results.ts';
import type { StageDeps } from '../../src/executor/engine/stage-deps.ts';
import type { learnSecrets } from '../../src/executor/judge/learn-secrets.ts';
import type { ServiceRequest, StageInvocation } from '../../src/executor/ports.ts';
import type { ProcessRequest } from '../../src/executor/runtimes/local/sandbox/run-process.ts';
import type { LogFile } from '../../src/executor/runtimes/shared/stream-log.ts';
import type { StackOptions } from '../../src/executor/stack/create-stack.ts';

// Read by the compiler only: each line below a `@ts-expect-error` must not compile, or the compiler refuses the
// directive. redactor-types.test.ts checks that the compiler reads this file and that no place is missing.
declare function takes<Wanted>(redactor: Wanted): void;

/** What is stored knows declared secrets only. */
export function stored(store: StoreRedactor, publish: PublishRedactor): void {
  takes<StageInvocation['redactor']>(store);
  // @ts-expect-error
  takes<StageInvocation['redactor']>(publish);
  takes<ServiceRequest['redactor']>(store);
  // @ts-expect-error
  takes<ServiceRequest['redactor']>(publish);
  takes<StageDeps['storeRedactor']>(store);
  // @ts-expect-error
  takes<StageDeps['storeRedactor']>(publish);
  takes<StackOptions['storeRedactor']>(store);
  // @ts-expect-error
  takes<StackOptions['storeRedactor']>(publish);
  takes<ProcessRequest['redactor']>(store);
  // @ts-expect-error
  takes<ProcessRequest['redactor']>(publish);
  takes<Parameters<typeof collectOutputs>[0]['redactor']>(store);
  // @ts-expect-error
  takes<Parameters<typeof collectOutputs>[0]['redactor']>(publish);
  takes<LogFile['redactor']>(store);
  // @ts-expect-error
  takes<LogFile['redactor']>(publish);
}

/** What leaves the run also knows what the run has learned. */
export function published(store: StoreRedactor, publish: PublishRedactor): void {
  takes<StageDeps['publishRedactor']>(publish);
  // @ts-expect-error
  takes<StageDeps['publishRedactor']>(store);
  takes<StackOptions['publishRedactor']>(publish);
  // @ts-expect-error
  takes<StackOptions['publishRedactor']>(store);
  takes<Parameters<typeof learnSecrets>[2]>(publish);
  // @ts-expect-error
  takes<Parameters<typeof learnSecrets>[2]>(store);
  takes<RemoteCache['redactor']>(publish);
  // @ts-expect-error
  takes<RemoteCache['redactor']>(store);
  takes<Parameters<typeof redactResults>[1]>(publish);
  // @ts-expect-error
  takes<Parameters<typeof redactResults>[1]>(store);
  takes<Parameters<typeof BundleWriter.open>[2]>(publish);
  // @ts-expect-error
  takes<Parameters<typeof BundleWriter.open>[2]>(store);
  takes<AttestOptions['redactor']>(publish);
  // @ts-expect-error
  takes<AttestOptions['redactor']>(store);
  takes<CommandSurroundings['redactor']>(publish);
  // @ts-expect-error
  takes<CommandSurroundings['redactor']>(store);
  takes<SignerSurroundings['redactor']>(publish);
  // @ts-expect-error
  takes<SignerSurroundings['redactor']>(store);
  takes<Parameters<typeof keylessSigner>[2]>(publish);
  // @ts-expect-error
  takes<Parameters<typeof keylessSigner>[2]>(store);
  takes<DeliverRequest['redactor']>(publish);
  // @ts-expect-error
  takes<DeliverRequest['redactor']>(store);
  takes<DeliveryContext['redactor']>(publish);
  // @ts-expect-error
  takes<DeliveryContext['redactor']>(store);
  takes<Parameters<typeof cleanAnswers>[1]>(publish);
  // @ts-expect-error
  takes<Parameters<typeof cleanAnswers>[1]>(store);
  takes<Parameters<typeof openDeadLetters>[1]>(publish);
  // @ts-expect-error
  takes<Parameters<typeof openDeadLetters>[1]>(store);
  takes<Parameters<typeof openDeliveryLog>[1]>(publish);
  // @ts-expect-error
  takes<Parameters<typeof openDeliveryLog>[1]>(store);
  takes<CachesToShare['redactor']>(publish);
  // @ts-expect-error
  takes<CachesToShare['redactor']>(store);
  takes<HandOnRequest['redactor']>(publish);
  // @ts-expect-error
  takes<HandOnRequest['redactor']>(store);
  takes<Parameters<typeof redactPaths>[0]>(publish);
  // @ts-expect-error
  takes<Parameters<typeof redactPaths>[0]>(store);
  takes<Secrets['redactor']>(publish);
  // @ts-expect-error
  takes<Secrets['redactor']>(store);
}

/** One that only looks serves as neither. */
export function neither(looks: Redactor): void {
  // @ts-expect-error
  takes<StoreRedactor>(looks);
  // @ts-expect-error
  takes<PublishRedactor>(looks);
}
