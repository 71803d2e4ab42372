-- What several nodes agree on by way of the database.

-- Client assertions that were used (RFC 7523 section 3, point 7), by a hash of client and `jti`, for as long as they would count.
CREATE TABLE used_assertions (
    hash TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_assertions_expiry ON used_assertions (expires_at);

-- Whose turn a background job is: one node's at a time, until it ends its turn or dies in it.
CREATE TABLE job_turns (
    job TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    held_until BIGINT NOT NULL
);
