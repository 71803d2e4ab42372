-- What became of text messages: neither number nor text, which stand sealed in the outbox until it is sent.
CREATE TABLE sms_messages (
    id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    country TEXT NOT NULL,
    gateway TEXT,
    reference TEXT,
    status TEXT NOT NULL,
    step BIGINT NOT NULL,
    error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX sms_messages_created ON sms_messages (created_at);
