import type { CommandTarget } from '../contract/target.ts';
import { httpAuth, textDetail } from '../families/http/http-auth.ts';

export interface PlanOptions {
  readonly scan: 'baseline' | 'full';
  readonly spiderMinutes: number;
  readonly activeMinutes: number;
  readonly graphqlPath: string;
}

interface Job {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** The name by which jobs refer to the one context of the plan. */
const CONTEXT = 'target';

/**
 * ZAP's automation plan for a target, as JSON, which is YAML: what is imported, crawled, attacked and reported. Places
 * that only the run knows are @URL@, @SOURCE@, @OUT@ and @ASSETS@. Pure; holds the name of no secret and no value.
 */
export function automationPlan(target: CommandTarget, options: PlanOptions): string {
  const jobs: readonly Job[] = [
    {
      type: 'passiveScan-config',
      parameters: { maxAlertsPerRule: 10, scanOnlyInScope: true, maxBodySizeInBytesToScan: 10_000_000 },
    },
    ...authJobs(target),
    ...importJobs(target, options.graphqlPath),
    ...scanJobs(options),
    {
      type: 'report',
      parameters: {
        template: 'traditional-json',
        reportDir: '@OUT@',
        reportFile: 'zap.json',
        displayReport: false,
      },
    },
  ];
  const parameters = { failOnError: true, failOnWarning: false, progressToStdout: true };
  return JSON.stringify({ env: { contexts: [{ name: CONTEXT, urls: ['@URL@'] }], parameters }, jobs });
}

function authJobs(target: CommandTarget): readonly Job[] {
  if (httpAuth(target) === undefined) return [];
  return [
    {
      type: 'script',
      parameters: {
        action: 'add',
        type: 'httpsender',
        engine: 'ECMAScript : Graal.js',
        name: 'secplan-auth',
        source: '@ASSETS@/auth.js',
      },
    },
  ];
}

/** Descriptions of the target's interface, which name addresses that no crawl finds. */
function importJobs(target: CommandTarget, graphqlPath: string): readonly Job[] {
  const openapi = textDetail(target, 'openapi');
  const graphql = textDetail(target, 'graphql');
  const jobs: Job[] = [];
  if (openapi !== undefined) {
    jobs.push({
      type: 'openapi',
      parameters: { apiFile: `@SOURCE@/${openapi}`, targetUrl: '@URL@', context: CONTEXT },
    });
  }
  if (graphql !== undefined) {
    jobs.push({
      type: 'graphql',
      parameters: { endpoint: `@URL@/${graphqlPath}`, schemaFile: `@SOURCE@/${graphql}` },
    });
  }
  return jobs;
}

function scanJobs({ scan, spiderMinutes, activeMinutes }: PlanOptions): readonly Job[] {
  const passive: readonly Job[] = [
    // Fails the plan where the base URL does not answer.
    { type: 'spider', parameters: { context: CONTEXT, url: '@URL@', maxDuration: spiderMinutes } },
    { type: 'passiveScan-wait', parameters: { maxDuration: 10 } },
  ];
  if (scan === 'baseline') return passive;
  const parameters = { context: CONTEXT, maxScanDurationInMins: activeMinutes, maxAlertsPerRule: 10 };
  return [...passive, { type: 'activeScan', parameters }];
}
