-- How far people are verified, and by what.

-- What the decision reads at every request: levels, what is under way, suspension, residence (JSON). When somebody has to look next.
ALTER TABLE users ADD COLUMN kyc TEXT;
ALTER TABLE users ADD COLUMN kyc_due_at BIGINT;
CREATE INDEX users_kyc_due ON users (kyc_due_at);

-- The mailbox, sealed, from which an account was frozen, when that is not the one it has now.
ALTER TABLE users ADD COLUMN frozen_from BLOB;

-- What people may do for the operator: `compliance` decides cases.
CREATE TABLE roles (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    granted_by TEXT NOT NULL,
    PRIMARY KEY (user_id, role)
);

-- The tables below do not go with the person's row: what law wants kept outlives the account, and becomes unreadable when the key of its
-- person is destroyed. `destroy_at` is set when the account ends.
CREATE TABLE kyc_keys (
    user_id TEXT PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    destroy_at BIGINT
);
CREATE INDEX kyc_keys_destroy ON kyc_keys (destroy_at);

-- What was verified (domain::kyc::Identity), sealed under the person's key.
CREATE TABLE kyc_identities (
    user_id TEXT PRIMARY KEY,
    sealed BLOB NOT NULL,
    updated_at BIGINT NOT NULL
);

-- `draft` is what the person filled in, sealed under the person's key.
CREATE TABLE kyc_cases (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    tier BIGINT NOT NULL,
    provider TEXT NOT NULL,
    reference TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    provider_time BIGINT,
    draft BLOB,
    proposal TEXT,
    created_at BIGINT NOT NULL,
    submitted_at BIGINT,
    decided_at BIGINT,
    decided_by TEXT,
    UNIQUE (provider, reference)
);
CREATE INDEX kyc_cases_user ON kyc_cases (user_id, created_at);
CREATE INDEX kyc_cases_queue ON kyc_cases (state, submitted_at);
-- At most one case of a person is open.
CREATE UNIQUE INDEX kyc_cases_open ON kyc_cases (user_id) WHERE state IN ('collecting', 'submitted', 'proposed');

-- Pictures and papers, sealed under the person's key; gone at `delete_at`, which is set when the case is decided.
CREATE TABLE kyc_documents (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    content BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    delete_at BIGINT,
    UNIQUE (case_id, kind)
);
CREATE INDEX kyc_documents_delete ON kyc_documents (delete_at);

-- Keyed hashes by which the same document, or the same person, is recognised in another account.
CREATE TABLE kyc_fingerprints (
    kind TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    user_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, fingerprint, user_id)
);
CREATE INDEX kyc_fingerprints_user ON kyc_fingerprints (user_id);

-- Every transition: who, when, from where to where, on what evidence.
CREATE TABLE kyc_history (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    finding TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    from_tier BIGINT NOT NULL,
    to_tier BIGINT NOT NULL,
    actor TEXT NOT NULL,
    case_id TEXT,
    reason TEXT,
    evidence TEXT NOT NULL
);
CREATE INDEX kyc_history_user ON kyc_history (user_id, at);

-- What reviewers wrote down about a person, sealed under the person's key.
CREATE TABLE kyc_notes (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    case_id TEXT,
    at BIGINT NOT NULL,
    author TEXT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX kyc_notes_user ON kyc_notes (user_id, at);

-- What providers told: each event once.
CREATE TABLE kyc_webhooks (
    provider TEXT NOT NULL,
    event_id TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX kyc_webhooks_received ON kyc_webhooks (received_at);
