// What a program that uses the SDK and nothing else needs for the same commands: `import` only loads it; `version` tells the
// engine's; `execs IMAGE
// TAG COUNT` opens a session and runs COUNT commands at once, all different, and different for every TAG.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const [what, image = '', tag = '', count = '0'] = process.argv.slice(2);
const started = performance.now();
const sdk = await import('@dagger.io/dagger');
const imported = performance.now();
if (what === 'version') await sdk.connect(async (client) => console.log(await client.version()));
if (what === 'execs') {
  const input = dirname(fileURLToPath(import.meta.url));
  await sdk.connect(async (client) => {
    const connected = performance.now();
    const source = client.host().directory(input, { include: ['dagger-sdk.ts'] });
    const base = client.container().from(image).withMountedDirectory('/src', source);
    const execs = Array.from({ length: Number(count) }, (_, index) =>
      base.withExec(['sh', '-c', `: ${tag} ${index}; cat /src/dagger-sdk.ts`]).stdout(),
    );
    await Promise.all(execs);
    const ms = {
      import: imported - started,
      connect: connected - imported,
      execs: performance.now() - connected,
    };
    console.log(JSON.stringify(ms));
  });
}
