import type { ReceiverStage } from './receiver-report.ts';

/** What people call a receiver, without anything that is a secret. */
export function receiverName({ to }: ReceiverStage): string {
  switch (to.type) {
    case 's3':
      return `s3://${to.bucket}`;
    case 'github':
      return `GitHub${to.repository === null ? '' : ` ${to.repository}`}`;
    case 'github-release':
      return `GitHub releases${to.repository === null ? '' : ` of ${to.repository}`}`;
    case 'opensearch':
      return `OpenSearch ${new URL(to.url).host}/${to.index}`;
    case 'slack':
      return `Slack (${to.url})`;
    case 'webhook':
      return `webhook ${new URL(to.url).host}`;
  }
}
