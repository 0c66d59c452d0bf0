import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type CustomWorld, customWorld, MINE, manifestOf, SCANNER } from '../../../support/custom-world.ts';
import { type TestServer, testServer } from '../../../support/network-rig.ts';

const worlds: CustomWorld[] = [];
const servers: TestServer[] = [];
afterAll(async () => {
  for (const world of worlds) world.dispose();
  await Promise.all(servers.map((each) => each.close()));
});

/** A scanner that asks a few hosts first and never minds what it gets. */
function asking(egress: readonly string[], places: readonly (readonly [string, number])[]): CustomWorld {
  const world = customWorld(
    manifestOf({ tools: { custom: { mine: { ...MINE, network: { egress } } } } }),
    'secplan.json',
  );
  worlds.push(world);
  const ask = `
import socket
for place in ${JSON.stringify(places)}:
    try:
        print(place, socket.create_connection(tuple(place), 5).recv(9), file=sys.stderr)
    except OSError as error:
        print(place, error, file=sys.stderr)
files, results`;
  world.write('scan.py', SCANNER.replace('\nfiles, results', ask));
  chmodSync(join(world.workspace, 'scan.py'), 0o755);
  return world;
}

function bundleFile(world: CustomWorld, name: string): string {
  return readFileSync(join(world.exportDir, 'latest', name), 'utf8');
}

it('a run says what a scanner was kept from, in its log and in coverage, and is whole all the same', async () => {
  const server = await testServer();
  servers.push(server);
  const world = asking(
    [`127.0.0.1:${server.port}`],
    [
      ['127.0.0.1', server.port],
      ['telemetry.example.org', 443],
    ],
  );
  const { exitCode } = await world.scan({ offline: false });
  expect(exitCode).toBe(0);
  expect(server.count()).toBe(1);
  const line = 'network: telemetry.example.org is not an allowed host';
  expect(bundleFile(world, 'summary.json')).toContain(line);
  expect(bundleFile(world, 'logs/mine.log')).toContain(`[secplan] ${line}`);
  // It is not from the cache: what others answered is in no key.
  const again = await world.scan({ offline: false });
  expect(again.exitCode).toBe(0);
  expect(server.count()).toBe(2);
});

it('a scanner that reached nobody is incomplete by the machine’s fault, though it says that all is clean', async () => {
  const gone = await testServer();
  await gone.close();
  const world = asking([`127.0.0.1:${gone.port}`], [['127.0.0.1', gone.port]]);
  const { exitCode } = await world.scan({ offline: false });
  expect(exitCode).toBe(3);
  const verdict = JSON.parse(bundleFile(world, 'verdict.json'));
  expect(verdict).toMatchObject({ incomplete: ['mine'] });
  expect(JSON.stringify(verdict)).toContain('"unreachable"');
});

it('--offline keeps it from starting', async () => {
  const server = await testServer();
  servers.push(server);
  const world = asking([`127.0.0.1:${server.port}`], [['127.0.0.1', server.port]]);
  const { exitCode } = await world.scan({ offline: true });
  expect(exitCode).toBe(4);
  expect(server.count()).toBe(0);
  expect(bundleFile(world, 'verdict.json')).toContain('--offline forbids it to reach');
});
