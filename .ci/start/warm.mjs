// Runs a start from dist/, and keeps what V8 made of its code until the first answer: `node warm.mjs DIST`.
import { subscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import v8 from 'node:v8';

const dist = process.argv[2];

// Code is only taken under the flags it was made with, and the agent sets its own when it listens.
v8.setFlagsFromString = () => {};

const folder = mkdtempSync(join(tmpdir(), 'crossbill-build-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
const port = await freePort();
const config = join(folder, 'crossbill.yaml');
writeFileSync(
  config,
  `listen: 127.0.0.1:${port}
log: { level: error }
poll: { every: 5m }
sources:
  - { name: aws, type: aws, regions: [us-east-1], endpoint: "http://127.0.0.1:9" }
  - { name: azure, type: azure, credential: { static_token: none }, endpoint: "http://127.0.0.1:9" }
`,
);
process.argv.splice(1, Infinity, join(dist, 'main.js'), 'run', '--config', config);
const { cache, start } = await import(pathToFileURL(join(dist, 'start.js')).href);
subscribe('http.server.response.finish', () => {
  writeFileSync(cache, start.createCache());
  process.exit(0);
});
start.part('main.js');
// A start that fails ends the process, with its message.
setInterval(
  () => get({ host: '127.0.0.1', port, path: '/healthz' }).on('error', () => {}),
  20,
).unref();

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}
