import type { LifecycleSettings } from './lifecycle-settings.ts';

/** What the configuration names, as far as it says which alerts there may be. */
export interface ConfiguredNames {
  /** With `forEach` the name has a `{…}` in it that stands for any value. */
  readonly budgets: readonly { readonly name: string; readonly forEach?: string | undefined }[];
  readonly rules: readonly { readonly name: string }[];
}

/** Whether an alert is of a budget or rule that is configured. */
export function configuredBy({
  budgets,
  rules,
}: ConfiguredNames): LifecycleSettings['isConfigured'] {
  const ruleNames = new Set(rules.map(({ name }) => name));
  const ofBudget = budgets.map(({ name, forEach }) => {
    const [start = '', end] = forEach === undefined ? [name] : name.split(`{${forEach}}`);
    return (called: string) =>
      end === undefined ? called === start : called.startsWith(start) && called.endsWith(end);
  });
  return ({ name, kind }) =>
    kind === 'budget' ? ofBudget.some((fits) => fits(name)) : ruleNames.has(name);
}
