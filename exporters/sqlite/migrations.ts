/**
 * Append-only: a shipped migration never changes; a change of the schema is one more. `minute` columns are whole
 * minutes since the epoch, `*day` columns of bills whole days, `*_at` columns UTC milliseconds, `*_nano_usd` billionths of a dollar.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE target (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, source TEXT NOT NULL, cloud TEXT NOT NULL,
    account TEXT NOT NULL, region TEXT NOT NULL, resource TEXT NOT NULL, labels TEXT NOT NULL,
    catalog_rows TEXT NOT NULL, retention TEXT NOT NULL, remember_units INTEGER NOT NULL,
    active INTEGER NOT NULL, first_seen_at INTEGER NOT NULL, last_success_at INTEGER, next_poll_at INTEGER
  ) STRICT;
  CREATE TABLE unit (
    id INTEGER PRIMARY KEY, target_id INTEGER NOT NULL REFERENCES target(id), key TEXT NOT NULL,
    row_id TEXT NOT NULL, metric TEXT NOT NULL, dimensions TEXT NOT NULL, settle_seconds INTEGER NOT NULL,
    active INTEGER NOT NULL, first_seen_at INTEGER NOT NULL, last_listed_at INTEGER NOT NULL,
    UNIQUE (target_id, key)
  ) STRICT;
  CREATE TABLE coverage (
    unit_id INTEGER NOT NULL, period_seconds INTEGER NOT NULL, start_minute INTEGER NOT NULL,
    end_minute INTEGER NOT NULL, settled INTEGER NOT NULL, read_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, period_seconds, start_minute)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE traffic (
    id INTEGER PRIMARY KEY, cloud TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
    resource TEXT NOT NULL, endpoint TEXT NOT NULL, vendor_model TEXT NOT NULL, deployment TEXT NOT NULL,
    UNIQUE (cloud, account, region, resource, endpoint, vendor_model, deployment)
  ) STRICT;
  CREATE TABLE series (
    id INTEGER PRIMARY KEY, traffic_id INTEGER NOT NULL REFERENCES traffic(id),
    unit_id INTEGER NOT NULL REFERENCES unit(id), namespace TEXT NOT NULL, metric TEXT NOT NULL,
    dimensions TEXT NOT NULL, tier TEXT NOT NULL, model_name TEXT NOT NULL, model_version TEXT NOT NULL,
    measure TEXT NOT NULL, contract TEXT NOT NULL, level TEXT NOT NULL, rank INTEGER NOT NULL,
    settle_seconds INTEGER NOT NULL,
    UNIQUE (traffic_id, namespace, metric, dimensions)
  ) STRICT;
  CREATE TABLE facet (
    id INTEGER PRIMARY KEY, traffic_id INTEGER NOT NULL REFERENCES traffic(id), tier TEXT NOT NULL,
    model_name TEXT NOT NULL, model_version TEXT NOT NULL,
    UNIQUE (traffic_id, tier, model_name, model_version)
  ) STRICT;
  CREATE TABLE identity (
    id INTEGER PRIMARY KEY, facet_id INTEGER NOT NULL REFERENCES facet(id), from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL, model TEXT NOT NULL, model_version TEXT NOT NULL, vendor_model TEXT NOT NULL,
    deployment TEXT NOT NULL, routing TEXT NOT NULL, tier TEXT NOT NULL, family TEXT NOT NULL,
    confidence TEXT NOT NULL, tags TEXT NOT NULL, assumed INTEGER NOT NULL,
    UNIQUE (facet_id, from_at)
  ) STRICT;
  CREATE TABLE inventory (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, cloud TEXT NOT NULL, account TEXT NOT NULL,
    region TEXT NOT NULL, resource TEXT NOT NULL, name TEXT NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER,
    attributes TEXT NOT NULL, tags TEXT NOT NULL
  ) STRICT;
  CREATE INDEX inventory_scope ON inventory (kind, cloud, account, region, resource, name);

  CREATE TABLE reading (
    series_id INTEGER NOT NULL, period_seconds INTEGER NOT NULL, minute INTEGER NOT NULL,
    sum REAL, count REAL, min REAL, max REAL, avg REAL, p90 REAL,
    PRIMARY KEY (series_id, period_seconds, minute)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE vanished (
    series_id INTEGER NOT NULL, period_seconds INTEGER NOT NULL, minute INTEGER NOT NULL, seen_at INTEGER NOT NULL,
    PRIMARY KEY (series_id, period_seconds, minute)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE usage_minute (
    identity_id INTEGER NOT NULL, minute INTEGER NOT NULL, input INTEGER, cache_read INTEGER,
    cache_write INTEGER, output INTEGER, unsplit_input INTEGER, requests INTEGER, errors INTEGER,
    throttles INTEGER, violation INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (identity_id, minute)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX usage_violation ON usage_minute (identity_id, minute) WHERE violation = 1;
  CREATE TABLE usage_hour (
    identity_id INTEGER NOT NULL, minute INTEGER NOT NULL, input INTEGER, cache_read INTEGER,
    cache_write INTEGER, output INTEGER, unsplit_input INTEGER, requests INTEGER, errors INTEGER,
    throttles INTEGER, peak_tokens INTEGER,
    PRIMARY KEY (identity_id, minute)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE usage_day (
    identity_id INTEGER NOT NULL, minute INTEGER NOT NULL, input INTEGER, cache_read INTEGER,
    cache_write INTEGER, output INTEGER, unsplit_input INTEGER, requests INTEGER, errors INTEGER,
    throttles INTEGER, peak_tokens INTEGER,
    PRIMARY KEY (identity_id, minute)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE latency_hour (
    identity_id INTEGER NOT NULL, phase TEXT NOT NULL, minute INTEGER NOT NULL, count REAL, weight REAL NOT NULL,
    weighted_ms REAL, min_ms REAL, max_ms REAL, p90_ms REAL,
    PRIMARY KEY (identity_id, phase, minute)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE revision (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, traffic_id INTEGER NOT NULL, start_minute INTEGER NOT NULL,
    end_minute INTEGER NOT NULL, at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE failure (
    scope TEXT PRIMARY KEY, source TEXT NOT NULL, reason TEXT NOT NULL, operation TEXT NOT NULL,
    message TEXT NOT NULL, hint TEXT NOT NULL, at INTEGER NOT NULL, next_try_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE rejection (
    target_id INTEGER NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, example TEXT NOT NULL,
    first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    PRIMARY KEY (target_id, reason)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE api_call (
    day INTEGER NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, operation TEXT NOT NULL,
    calls INTEGER NOT NULL, cost_nano_usd INTEGER NOT NULL,
    PRIMARY KEY (day, source, target, operation)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE api_call ADD COLUMN metrics INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE target ADD COLUMN cadence_seconds INTEGER;
  ALTER TABLE target ADD COLUMN slowed TEXT;
  ALTER TABLE target ADD COLUMN reread_at INTEGER;
  `,
  `
  CREATE TABLE price (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, source_version TEXT NOT NULL, reference TEXT NOT NULL,
    cloud TEXT NOT NULL, model TEXT NOT NULL, model_version TEXT NOT NULL, account TEXT NOT NULL,
    region TEXT NOT NULL, routing TEXT NOT NULL, tier TEXT NOT NULL, item TEXT NOT NULL, band TEXT NOT NULL,
    threshold_tokens INTEGER, cache_ttl TEXT NOT NULL, nano_usd INTEGER NOT NULL, from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL, fetched_at INTEGER NOT NULL,
    UNIQUE (source, reference, cloud, model, model_version, account, region, routing, tier, item, band, cache_ttl,
      from_at, nano_usd)
  ) STRICT;
  CREATE TABLE price_edition (
    source TEXT PRIMARY KEY, version TEXT NOT NULL, fetched_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE price_offer (source TEXT PRIMARY KEY, listing TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE rate_card (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, card TEXT NOT NULL) STRICT;
  CREATE TABLE identity_card (
    identity_id INTEGER NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL,
    card_id INTEGER NOT NULL REFERENCES rate_card(id),
    PRIMARY KEY (identity_id, from_at)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER identity_gone AFTER DELETE ON identity BEGIN
    DELETE FROM identity_card WHERE identity_id = OLD.id;
  END;
  ALTER TABLE usage_minute ADD COLUMN cost INTEGER;
  ALTER TABLE usage_minute ADD COLUMN cost_low INTEGER;
  ALTER TABLE usage_minute ADD COLUMN cost_high INTEGER;
  ALTER TABLE usage_minute ADD COLUMN unpriced INTEGER;
  ALTER TABLE usage_hour ADD COLUMN cost INTEGER;
  ALTER TABLE usage_hour ADD COLUMN cost_low INTEGER;
  ALTER TABLE usage_hour ADD COLUMN cost_high INTEGER;
  ALTER TABLE usage_hour ADD COLUMN unpriced INTEGER;
  ALTER TABLE usage_day ADD COLUMN cost INTEGER;
  ALTER TABLE usage_day ADD COLUMN cost_low INTEGER;
  ALTER TABLE usage_day ADD COLUMN cost_high INTEGER;
  ALTER TABLE usage_day ADD COLUMN unpriced INTEGER;
  `,
  `
  CREATE TABLE capacity_hour (
    inventory_id INTEGER NOT NULL, minute INTEGER NOT NULL, from_minute INTEGER NOT NULL, to_minute INTEGER NOT NULL,
    unit_ms INTEGER NOT NULL, utilization_ppm INTEGER, cost INTEGER, cost_low INTEGER, cost_high INTEGER,
    PRIMARY KEY (inventory_id, minute)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE capacity_share (
    identity_id INTEGER NOT NULL, minute INTEGER NOT NULL, inventory_id INTEGER NOT NULL, tokens INTEGER NOT NULL,
    cost INTEGER, cost_low INTEGER, cost_high INTEGER,
    PRIMARY KEY (identity_id, minute, inventory_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX capacity_share_hour ON capacity_share (inventory_id, minute);
  `,
  `
  CREATE TABLE bill_scope (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, scope TEXT NOT NULL, cloud TEXT NOT NULL, asked_by TEXT,
    account TEXT NOT NULL DEFAULT '', every_seconds INTEGER, next_at INTEGER, slowed TEXT,
    UNIQUE (source, scope)
  ) STRICT;
  CREATE TABLE bill_days (
    scope_id INTEGER NOT NULL REFERENCES bill_scope(id), start_day INTEGER NOT NULL, end_day INTEGER NOT NULL,
    final_until INTEGER NOT NULL, fetched_at INTEGER NOT NULL,
    PRIMARY KEY (scope_id, start_day)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE bill_place (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, resource TEXT NOT NULL,
    UNIQUE (account, region, resource)
  ) STRICT;
  CREATE TABLE bill_meter (
    id INTEGER PRIMARY KEY, service TEXT NOT NULL, meter TEXT NOT NULL, meter_id TEXT NOT NULL, unit TEXT NOT NULL,
    meaning TEXT NOT NULL,
    UNIQUE (service, meter, meter_id, unit, meaning)
  ) STRICT;
  CREATE TABLE bill_line (
    scope_id INTEGER NOT NULL, day INTEGER NOT NULL, place_id INTEGER NOT NULL, meter_row INTEGER NOT NULL,
    record_type TEXT NOT NULL, currency TEXT NOT NULL, ordinal INTEGER NOT NULL, quantity TEXT, cost TEXT NOT NULL,
    amortized TEXT,
    PRIMARY KEY (scope_id, day, place_id, meter_row, record_type, currency, ordinal)
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE failure ADD COLUMN kind TEXT NOT NULL DEFAULT 'usage';
  `,
  `
  CREATE TABLE feed (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, since_minute INTEGER NOT NULL, pages INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE told_name (id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE feed_told (
    feed_id INTEGER NOT NULL REFERENCES feed(id), traffic_id INTEGER NOT NULL, start_minute INTEGER NOT NULL,
    end_minute INTEGER NOT NULL, gone INTEGER NOT NULL,
    PRIMARY KEY (feed_id, traffic_id, start_minute)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE feed_total (
    feed_id INTEGER NOT NULL REFERENCES feed(id), name_id INTEGER NOT NULL REFERENCES told_name(id),
    until_minute INTEGER NOT NULL, succeeded INTEGER, input INTEGER, cache_read INTEGER, cache_write INTEGER,
    output INTEGER, unsplit_input INTEGER, requests INTEGER, errors INTEGER, throttles INTEGER, cost INTEGER,
    cost_low INTEGER, cost_high INTEGER, unpriced INTEGER,
    PRIMARY KEY (feed_id, name_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE feed_gone (
    feed_id INTEGER NOT NULL REFERENCES feed(id), name_id INTEGER NOT NULL REFERENCES told_name(id),
    input INTEGER, cache_read INTEGER, cache_write INTEGER,
    output INTEGER, unsplit_input INTEGER, requests INTEGER, errors INTEGER, throttles INTEGER, cost INTEGER,
    cost_low INTEGER, cost_high INTEGER, unpriced INTEGER,
    PRIMARY KEY (feed_id, name_id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE alert (
    fingerprint TEXT PRIMARY KEY, ended_at INTEGER, period_end INTEGER, body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE alert_event (
    id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, at INTEGER NOT NULL, from_state TEXT NOT NULL,
    to_state TEXT NOT NULL, value REAL, note TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alert_event_of ON alert_event (fingerprint);
  CREATE TABLE silence (id TEXT PRIMARY KEY, ends_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE delivery (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, notifier TEXT NOT NULL,
    message_group TEXT NOT NULL, message TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
    created_at INTEGER NOT NULL, next_try_at INTEGER NOT NULL, last_try_at INTEGER, delivered_at INTEGER,
    last_status INTEGER, last_answer TEXT NOT NULL
  ) STRICT;
  CREATE INDEX delivery_waiting ON delivery (notifier, message_group, sequence) WHERE state = 'waiting';
  `,
  `
  CREATE TABLE calibration (
    cloud TEXT NOT NULL, account TEXT NOT NULL, model TEXT NOT NULL, from_at INTEGER NOT NULL,
    learnt_start INTEGER NOT NULL, learnt_end INTEGER NOT NULL, days INTEGER NOT NULL, learnt_at INTEGER NOT NULL,
    shares TEXT NOT NULL,
    PRIMARY KEY (cloud, account, model, from_at)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE failure ADD COLUMN since_at INTEGER;
  CREATE TABLE attempt_total (result TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE billed_series (id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE billed_told (
    feed_id INTEGER NOT NULL REFERENCES feed(id), day INTEGER NOT NULL,
    series_id INTEGER NOT NULL REFERENCES billed_series(id), cost TEXT,
    PRIMARY KEY (feed_id, day, series_id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE INDEX series_unit ON series (unit_id);
  `,
  `
  CREATE TABLE hour_pack (
    day INTEGER NOT NULL, slice INTEGER NOT NULL, figure INTEGER NOT NULL, numbers BLOB NOT NULL,
    PRIMARY KEY (day, slice, figure)
  ) STRICT;
  CREATE TABLE hour_pack_stale (
    day INTEGER NOT NULL, identity_id INTEGER NOT NULL, PRIMARY KEY (day, identity_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER usage_hour_made AFTER INSERT ON usage_hour
    WHEN EXISTS (SELECT 1 FROM hour_pack WHERE day = NEW.minute / 1440 AND slice = NEW.identity_id / 256) BEGIN
    INSERT OR IGNORE INTO hour_pack_stale VALUES (NEW.minute / 1440, NEW.identity_id);
  END;
  CREATE TRIGGER usage_hour_changed AFTER UPDATE ON usage_hour
    WHEN EXISTS (SELECT 1 FROM hour_pack WHERE day = NEW.minute / 1440 AND slice = NEW.identity_id / 256) BEGIN
    INSERT OR IGNORE INTO hour_pack_stale VALUES (NEW.minute / 1440, NEW.identity_id);
  END;
  CREATE TRIGGER usage_hour_gone AFTER DELETE ON usage_hour
    WHEN EXISTS (SELECT 1 FROM hour_pack WHERE day = OLD.minute / 1440 AND slice = OLD.identity_id / 256) BEGIN
    INSERT OR IGNORE INTO hour_pack_stale VALUES (OLD.minute / 1440, OLD.identity_id);
  END;
  `,
];
