import type { DeliverySpec, NotificationSpec } from '../../compiler/model/delivery-model.ts';
import type { Model } from '../../compiler/model/model.ts';
import { bucketUrl } from '../../core/bucket-url.ts';
import { byCodeUnit } from '../../core/canonical.ts';
import { artifactId, type StageId, stageId } from '../../core/ids.ts';
import type { ArtifactRef, DeliverStage, Network, NotifyStage } from '../ir/ir.ts';

/** What happens with a sealed bundle: it is delivered, and then messages are sent. */
export function deliveryStages(model: Model, sealedBy: StageId): readonly (DeliverStage | NotifyStage)[] {
  const summary: ArtifactRef = {
    name: 'summary',
    id: artifactId(stageId('report'), 'summary'),
    type: 'json',
  };
  const deliver = (model.deliveries ?? []).map(
    ({ id, to, optional, allowPrivate, includePrivacy }): DeliverStage => ({
      kind: 'deliver',
      id: stageId(id),
      needs: [stageId('report'), sealedBy].sort(byCodeUnit),
      inputs: [summary],
      outputs: [],
      to,
      optional,
      allowPrivate,
      includePrivacy,
      secrets: secretsOf(to),
      network: networkOf(to),
    }),
  );
  const notify = (model.notifications ?? []).map(
    ({ id, to, on, optional, allowPrivate }): NotifyStage => ({
      kind: 'notify',
      id: stageId(id),
      // A message links to what was delivered.
      needs: [stageId('report'), sealedBy, ...deliver.map((stage) => stage.id)].sort(byCodeUnit),
      inputs: [summary],
      outputs: [],
      to,
      on,
      optional,
      allowPrivate,
      secrets: secretsOf(to),
      network: networkOf(to),
    }),
  );
  return [...deliver, ...notify];
}

function secretsOf(to: DeliverySpec | NotificationSpec): readonly string[] {
  const names = (): readonly (string | undefined)[] => {
    switch (to.type) {
      case 's3':
        return [to.accessKey, to.secretKey, to.sessionToken];
      case 'github':
      case 'github-release':
        return [to.token];
      case 'opensearch':
        return [to.password, to.token];
      case 'slack':
        return [to.url];
      case 'webhook':
        return [to.secret];
    }
  };
  return [...new Set(names().filter((name) => name !== undefined))].sort(byCodeUnit);
}

function networkOf(to: DeliverySpec | NotificationSpec): Network {
  const hosts = (): readonly string[] => {
    switch (to.type) {
      case 's3':
        return [new URL(bucketUrl(to)).host];
      case 'github':
        return [new URL(to.apiUrl).host];
      case 'github-release':
        return [new URL(to.apiUrl).host, uploadHost(to.apiUrl)];
      case 'slack':
        return [to.host];
      case 'opensearch':
      case 'webhook':
        return [new URL(to.url).host];
    }
  };
  return { egress: [...new Set(hosts())].sort(byCodeUnit) };
}

/** github.com and the tenants of ghe.com take files at their own host; an enterprise server at its only one. */
function uploadHost(apiUrl: string): string {
  const { host } = new URL(apiUrl);
  return host === 'api.github.com' || /^api\.[a-z0-9-]+\.ghe\.com$/.test(host)
    ? host.replace(/^api\./, 'uploads.')
    : host;
}
