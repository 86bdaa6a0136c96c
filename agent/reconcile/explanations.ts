import type { AuditClass } from '../core/audit.ts';
import type { Price } from '../core/price.ts';
import { moneyText, tokensText, usdText } from './figures.ts';
import type { Finding } from './finding.ts';
import { unitPrice } from './rates.ts';
import { classMeaning } from './rules.ts';

/** Plain sentences for one row: what was found, in its own figures. */
export function explanationOf(finding: Finding): string {
  return sentences[finding.class]?.(finding) ?? classMeaning[finding.class].means;
}

/** Of classes that say more than what they mean. */
const sentences: Readonly<Partial<Record<AuditClass, (finding: Finding) => string>>> = {
  cached_rated_twice: (finding) =>
    `${cachedFacts(finding)} ${excess(finding)} of this line is for cached tokens that their own meters bill too.`,
  cached_ambiguous: (finding) =>
    `${cachedFacts(finding)} If the input meter counts cached tokens, ${excess(finding)} of this line is billed ` +
    'twice; if it leaves them out, $0.00 is.',
  unseen_traffic: unseen,
  missing_bill: missing,
  price_or_tier_differs: priceDiffers,
  unpriced: ({ metered, model }) =>
    `${tokensText(metered ?? 0)} tokens agree; no price is known for ${model} here. Add one to prices.file.`,
  currency: (finding) =>
    `Billed ${billedText(finding)}; no rate of ${finding.currency} holds on this day. Add one to currencies.`,
  no_token_meter: (finding) =>
    `${billedText(finding)}${quantityText(finding)} (${finding.recordType ?? 'usage'}). ${skippedText(finding)}`,
};

function cachedFacts({ reading }: Finding): string {
  if (reading === null) return '';
  const { billedInputTokens, rawInputTokens, cachedTokens } = reading;
  return (
    `Over the model's day ${tokensText(billedInputTokens)} input tokens are billed, the input meter itself says ` +
    `${tokensText(rawInputTokens)}, and ${tokensText(cachedTokens)} cached tokens are billed beside them.`
  );
}

function excess({ excessNano, currency }: Finding): string {
  return moneyText(excessNano ?? 0n, currency);
}

function billedText({ billedNano, currency }: Finding): string {
  return moneyText(billedNano ?? 0n, currency);
}

function quantityText({ quantity }: Finding): string {
  if (quantity === null) return '';
  const { value, unit } = quantity;
  return ` for ${Number(value.toFixed(6))}${unit === '' ? '' : ` ${unit}`}`;
}

function skippedText({ skipped, item }: Finding): string {
  if (skipped === 'unknown_name') return 'No catalog knows this meter’s name.';
  if (skipped === 'unknown_model') return 'No catalog knows this meter’s model.';
  if (item === 'unit_hour') return 'Capacity is billed by the hour, used or not.';
  return classMeaning.no_token_meter.means;
}

function unseen({ metered, billed, driftTokens, model }: Finding): string {
  if (metered === null) {
    return (
      `${billed === null ? 'An amount' : `${tokensText(billed)} tokens`} of ${model} billed and nothing metered: ` +
      'its namespace, region or account is not collected.'
    );
  }
  return (
    `${tokensText(billed ?? 0)} tokens billed, ${tokensText(metered)} metered: ${tokensText(driftTokens ?? 0)} were ` +
    'used where nothing is collected, or billed in error.'
  );
}

function missing({ metered, billed, driftTokens, recordType }: Finding): string {
  if (recordType === null) {
    return `${tokensText(metered ?? 0)} tokens metered; no line of the final bill is for them.`;
  }
  return (
    `${tokensText(metered ?? 0)} tokens metered, ${tokensText(billed ?? 0)} billed: ` +
    `${tokensText(-(driftTokens ?? 0))} are not on this meter of the final bill.`
  );
}

function priceDiffers(finding: Finding): string {
  const { billedNanoUsd, billed, cost, metered, fit } = finding;
  if (billedNanoUsd === null || cost === null) return classMeaning.price_or_tier_differs.means;
  const paid = billed === null ? null : unitPrice(billedNanoUsd, billed);
  const known = metered === null ? null : unitPrice(cost.best, metered);
  const facts =
    paid === null || known === null
      ? `Billed ${usdText(billedNanoUsd)} against ${usdText(cost.best)}.`
      : `The quantity agrees; billed at ${usdText(paid)} a million, the price taken is ${usdText(known)}.`;
  if (fit !== null) return `${facts} ${fitText(fit)}`;
  const below =
    billedNanoUsd >= 0n && cost.best > billedNanoUsd
      ? ` It is ${Math.round((1 - Number(billedNanoUsd) / Number(cost.best)) * 1_000) / 10} % less, perhaps a discount that the configuration does not name.`
      : '';
  return below === '' ? `${facts} No known price of the model fits.` : `${facts}${below}`;
}

function fitText({ item, tier, routing, band, region, source, reference }: Price): string {
  const words = [item, routing, tier, band === 'any' ? '' : `${band} context`, region];
  const told = words.filter((word) => word !== '').join(' ');
  return `It fits the price of ${told} (${source} ${reference}).`;
}
