/** JSON of a manifest with so many tools, custom ones with every usual member. */
export function toolManifestText(count: number): string {
  const custom = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `tool-${index}`,
      {
        command: ['./scan.sh', '--level', String(index % 5)],
        inputs: ['src/**', `packages/p${index}/**`],
        report: 'sarif',
        timeout: '5m',
        resources: { cpus: 1, memory: '256MB' },
      },
    ]),
  );
  return JSON.stringify({ apiVersion: 'secplan/v1', metadata: { name: 'bench' }, tools: { custom } });
}
