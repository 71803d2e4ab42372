-- What protects an account beside its authenticators.

-- When a hold ends; it only ever moves later. When the person froze the account. The phrase of the mails, sealed. Whether a log-in from
-- a browser that is not known waits for a mailed approval. How long unlocking the settings takes, in seconds, and when it is through.
ALTER TABLE users ADD COLUMN hold_until BIGINT;
ALTER TABLE users ADD COLUMN frozen_at BIGINT;
ALTER TABLE users ADD COLUMN phrase BLOB;
ALTER TABLE users ADD COLUMN approves_since BIGINT;
ALTER TABLE users ADD COLUMN settings_lock_delay BIGINT;
ALTER TABLE users ADD COLUMN settings_unlock_at BIGINT;

-- Every hold there was, for the person and for who looks after the account.
CREATE TABLE holds (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    cause TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX holds_user ON holds (user_id, began_at);

-- Where a device was last seen, and until when it stands for a second factor.
ALTER TABLE known_devices ADD COLUMN address TEXT;
ALTER TABLE known_devices ADD COLUMN agent TEXT;
ALTER TABLE known_devices ADD COLUMN trusted_until BIGINT;

-- The way back for who lost every second factor: at most one of a person is open. The link of its mails is a mailed action.
CREATE TABLE recoveries (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    began_at BIGINT NOT NULL,
    ripe_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    reminded_at BIGINT NOT NULL,
    closed_at BIGINT,
    outcome TEXT
);
CREATE INDEX recoveries_user ON recoveries (user_id, began_at);
CREATE INDEX recoveries_due ON recoveries (reminded_at) WHERE closed_at IS NULL;
