import type { CommandTarget } from '../contract/target.ts';
import { httpAuth, textDetail } from '../families/http/http-auth.ts';

export interface PlanOptions {
  readonly scan: 'baseline' | 'full';
  readonly spiderMinutes: number;
  readonly activeMinutes: number;
  readonly graphqlPath: string;
}

/**
 * ZAP's automation plan for a target, as JSON, which is YAML: what is imported, crawled, attacked and reported. Places
 * that only the run knows are @URL@, @SOURCE@, @OUT@ and @ASSETS@. Pure; holds the name of no secret and no value.
 */
export function automationPlan(target: CommandTarget, options: PlanOptions): string {
  const openapi = textDetail(target, 'openapi');
  const graphql = textDetail(target, 'graphql');
  const context = 'target';
  const jobs = [
    {
      type: 'passiveScan-config',
      parameters: { maxAlertsPerRule: 10, scanOnlyInScope: true, maxBodySizeInBytesToScan: 10_000_000 },
    },
    ...(httpAuth(target) === undefined
      ? []
      : [
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
        ]),
    ...(openapi === undefined
      ? []
      : [
          {
            type: 'openapi',
            parameters: { apiFile: `@SOURCE@/${openapi}`, targetUrl: '@URL@', context },
          },
        ]),
    ...(graphql === undefined
      ? []
      : [
          {
            type: 'graphql',
            parameters: { endpoint: `@URL@/${options.graphqlPath}`, schemaFile: `@SOURCE@/${graphql}` },
          },
        ]),
    // Fails the plan where the base URL does not answer.
    { type: 'spider', parameters: { context, url: '@URL@', maxDuration: options.spiderMinutes } },
    { type: 'passiveScan-wait', parameters: { maxDuration: 10 } },
    ...(options.scan === 'full'
      ? [
          {
            type: 'activeScan',
            parameters: { context, maxScanDurationInMins: options.activeMinutes, maxAlertsPerRule: 10 },
          },
        ]
      : []),
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
  return JSON.stringify({ env: { contexts: [{ name: context, urls: ['@URL@'] }], parameters }, jobs });
}
