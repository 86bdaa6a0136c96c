import type { AlertCommands } from '../core/alert-store.ts';

/** What people do to alerts, by what is loaded when the first of them does something. */
export function lateCommands(
  alerting: () => Promise<{ readonly commands: AlertCommands }>,
): AlertCommands {
  return {
    acknowledge: async (...given) => (await alerting()).commands.acknowledge(...given),
    keepSilence: async (...given) => (await alerting()).commands.keepSilence(...given),
    expireSilence: async (...given) => (await alerting()).commands.expireSilence(...given),
  };
}
