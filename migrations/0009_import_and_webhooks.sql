-- How many people came with which kind of foreign password hash and have not logged in since: an unknown address is
-- compared as one of them would be, as often as they are met (docs/decisions/0062). `decoy` is a hash of that kind that
-- matches nothing.
CREATE TABLE imported_passwords (
    decoy TEXT PRIMARY KEY,
    people BIGINT NOT NULL
);
