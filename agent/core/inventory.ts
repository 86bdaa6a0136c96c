import type { Cloud, Labels } from './cloud.ts';
import type { Instant } from './time.ts';

/** What a cloud says now of the things traffic runs through. Neutral words; `attributes` in the words below. */
export interface InventoryItem {
  readonly kind: 'deployment' | 'inference_profile' | 'provisioned_throughput';
  /** Deployment name, or the id of an inference profile or provisioned throughput as it stands in `ModelId`. */
  readonly name: string;
  /**
   * deployment: `format`, `model`, `version`, `sku`, `capacity`, `spillover`, `tpm`;
   * inference_profile: `profile_name`, `model_arns` (space-separated);
   * provisioned_throughput: `throughput_name`, `arn`, `model_arn`, `foundation_model_arn`, `model_units`, `status` (`Creating`,
   * `InService`, `Updating`, `Failed`), `commitment` (`OneMonth`, `SixMonths`, `NoCommitment`), `created_at` and
   * `commitment_expires_at` (UTC, empty where there is none).
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
