import type { Cloud, Labels } from './cloud.ts';
import type { Instant } from './time.ts';

/** What a cloud says now of the things traffic runs through. Neutral words; `attributes` in the words below. */
export interface InventoryItem {
  readonly kind: 'deployment' | 'inference_profile';
  /** Deployment name, or inference profile id as it stands in `ModelId`. */
  readonly name: string;
  /**
   * deployment: `format`, `model`, `version`, `sku`, `capacity`, `spillover`, `tpm`;
   * inference_profile: `profile_name`, `model_arns` (space-separated).
   */
  readonly attributes: Labels;
  readonly tags: Labels;
}

/** One scope listed whole: what it does not name is gone. */
export interface InventorySnapshot {
  readonly cloud: Cloud;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  readonly kind: InventoryItem['kind'];
  readonly items: readonly InventoryItem[];
}

/** An item over a span of time. `assumed` spans reach back before the first look. */
export interface InventorySpan extends InventoryItem {
  readonly from: Instant;
  readonly to: Instant;
  readonly assumed: boolean;
}
