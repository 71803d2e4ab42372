-- What the operator's people and programs do, and who may.

-- Append-only. `hash` is a MAC over this row and the hash of the one before (docs/decisions/0049): whoever changes or removes a row
-- breaks the chain. Holds references and facts, never a secret and never what is known of a person beyond their id.
CREATE TABLE audit_log (
    seq BIGINT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    address TEXT,
    request_id TEXT,
    hash TEXT NOT NULL
);
CREATE INDEX audit_log_actor ON audit_log (actor, seq);
CREATE INDEX audit_log_act ON audit_log (act, seq);
CREATE INDEX audit_log_target ON audit_log (target_kind, target, seq);
CREATE INDEX audit_log_at ON audit_log (at, seq);

-- The end of the chain, one row. Writers take turns at it.
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

-- The grave acts that one person has asked for and a second one has to confirm.
CREATE TABLE proposals (
    id TEXT PRIMARY KEY,
    act TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target TEXT NOT NULL,
    asked TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    outcome TEXT,
    decided_by TEXT,
    decided_at BIGINT
);
CREATE INDEX proposals_open ON proposals (expires_at) WHERE outcome IS NULL;
CREATE INDEX proposals_person ON proposals (proposed_by, act, decided_at);

-- The link by which the first owner comes in: only hashes, and only until there is one.
CREATE TABLE setup_links (
    hash TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Answers of the admin API that are given again when a request with the same Idempotency-Key comes again. Sealed: an answer may hold a new secret.
CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    name TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status BIGINT NOT NULL,
    answer BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (caller, name)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Finding people: by the beginning of the address (bytes, so that both databases sort alike), by condition, by level.
ALTER TABLE users ADD COLUMN email_key BLOB;
UPDATE users SET email_key = CAST(email AS BLOB);
CREATE INDEX users_by_email ON users (email_key);
CREATE INDEX users_locked ON users (id) WHERE locked_at IS NOT NULL;
CREATE INDEX users_frozen ON users (id) WHERE frozen_at IS NOT NULL;
CREATE INDEX users_held ON users (hold_until, id) WHERE hold_until IS NOT NULL;
-- The highest level on record, whether or not it still counts; who is suspended.
ALTER TABLE users ADD COLUMN kyc_level BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN kyc_suspended BIGINT NOT NULL DEFAULT 0;
CREATE INDEX users_kyc_level ON users (kyc_level, id) WHERE kyc_level > 0;
CREATE INDEX users_kyc_suspended ON users (id) WHERE kyc_suspended > 0;

-- What consoles search apps by: id and name, in small letters.
ALTER TABLE clients ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE clients SET search = lower(id);

-- What never arrived.
ALTER TABLE outbox ADD COLUMN failed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_failed ON outbox (id) WHERE failed > 0;
CREATE INDEX outbox_waiting ON outbox (id) WHERE finished_at IS NULL;
