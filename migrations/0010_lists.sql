-- Lists of the console, by an index each.

-- Those that wait for a decision, who has waited longest first; and the others, the youngest first. The condition is one that no other
-- index answers, or SQLite would take that one and sort.
CREATE INDEX kyc_cases_waiting ON kyc_cases (submitted_at, id)
    WHERE CASE WHEN state IN ('submitted', 'proposed') THEN 1 ELSE 0 END = 1;
CREATE INDEX kyc_cases_decided ON kyc_cases (state, submitted_at, id);
DROP INDEX kyc_cases_queue;

-- What has not gone out yet, for the same reason.
CREATE INDEX outbox_open ON outbox (id) WHERE COALESCE(finished_at, 0) = 0;
DROP INDEX outbox_waiting;

-- What one did of one kind.
CREATE INDEX audit_log_actor_act ON audit_log (actor, act, seq);
