-- How many people came with which kind of foreign password hash and have not logged in since: an unknown address is
-- compared as one of them would be, as often as they are met (docs/decisions/0062). `decoy` is a hash of that kind that
-- matches nothing.
CREATE TABLE imported_passwords (
    decoy TEXT PRIMARY KEY,
    people BIGINT NOT NULL
);

-- Systems of the operator that hear of events as they happen. `secrets` is sealed: the one in force, and while it is being replaced
-- the one before.
CREATE TABLE webhook_endpoints (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    wanted TEXT NOT NULL,
    description TEXT NOT NULL,
    secrets BLOB NOT NULL,
    disabled_at BIGINT,
    disabled_because TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Messages, and what became of them: the body as it is sent (ids and facts, nothing else), and each attempt as JSON. The outbox
-- holds those that are on their way. No reference to the endpoint: what is recorded must not fail because one was just removed.
CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    endpoint_id TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);
