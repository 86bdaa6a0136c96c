import { describe, expect, it } from 'vitest';
import { auditClasses } from '../../../agent/core/audit.ts';
import { classMeaning, classOf, rules } from '../../../agent/reconcile/rules.ts';

describe('the rules of the audit', () => {
  it.each(rules.map((rule) => [rule.class, rule.example.says, rule.example.row] as const))(
    '%s: %s',
    (name, _, row) => expect(classOf(row)).toBe(name),
  );

  it('give every class of the closed list, and no example to two', () => {
    expect(new Set(rules.map((rule) => rule.class))).toEqual(new Set(auditClasses));
    expect(new Set(rules.map(({ example }) => example.says)).size).toBe(rules.length);
  });

  it('end in one that always holds', () => {
    expect(rules.at(-1)?.class).toBe('in_line');
    for (const { example } of rules) expect(rules.at(-1)?.holds(example.row)).toBe(true);
  });

  it('have a plain sentence for each class', () => {
    for (const name of auditClasses) expect(classMeaning[name].means).toMatch(/^[A-Z].+\.$/);
  });
});
