import { readFlags, usage } from './flags.ts';
import { startClouds } from './server.ts';

/**
 * The built-in clouds as a process of its own: `--speed N` times the wall clock, counted from `--start-at` (ISO 8601 or
 * epoch milliseconds; default now), at `--port P`, P + 1 and P + 2 (AWS, Azure, control; default free ones). Prints one
 * JSON line with the three addresses when ready. Ends on SIGTERM and when its stdin closes, for then its parent is gone.
 */
async function run(): Promise<void> {
  const { speed, startAt, port } = readFlags(process.argv.slice(2), Date.now());
  const at = (offset: number) => ({ port: port === 0 ? 0 : port + offset });
  // Fourteen days are filled while somebody watches: nobody is to wait for the limits of Cost Management.
  const azure = { ...at(1), limitsCosts: false };
  const clouds = await startClouds({ speed, startAt, aws: at(0), azure, ...at(2) });
  const { awsUrl, azureUrl, controlUrl } = clouds;
  const stop = () => {
    void clouds.close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdin.once('close', stop);
  process.stdin.resume();
  process.stdout.write(`${JSON.stringify({ awsUrl, azureUrl, controlUrl })}\n`);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exit(2);
});
