-- Clients that register themselves (RFC 7591, RFC 7592). Of every token only the hash is kept.

-- Initial access tokens: who holds one may register so many clients.
CREATE TABLE client_invitations (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    note TEXT NOT NULL,
    uses_left BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- What belongs to a client that registered itself. Touched by every change of its own and while it is used: whoever is neither used nor
-- touched is removed. Edited: the operator changed it; what they left it is the most that it can have, and it is not removed unasked.
CREATE TABLE client_registrations (
    client_id TEXT PRIMARY KEY REFERENCES clients (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL,
    invitation_id TEXT,
    issued_at BIGINT NOT NULL,
    touched_at BIGINT NOT NULL,
    edited_at BIGINT
);
CREATE INDEX client_registrations_touched ON client_registrations (touched_at);

-- Who uses a client, and what goes with it.
CREATE INDEX consents_client ON consents (client_id);
