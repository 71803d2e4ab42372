-- What only one node may do at a time, and is no job: a row each, written by whoever does it and so held until that change is over.
CREATE TABLE locks (
    name TEXT PRIMARY KEY
);
