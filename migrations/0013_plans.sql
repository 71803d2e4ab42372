-- Indexes for statements that would otherwise read a growing table from end to end.

CREATE INDEX kyc_documents_user ON kyc_documents (user_id, created_at, id);

-- What an applicant typed and is to be forgotten, from the decision on.
CREATE INDEX kyc_cases_drafts ON kyc_cases (decided_at) WHERE draft IS NOT NULL;

-- What was sent and can still be read.
CREATE INDEX outbox_kept ON outbox (kind, created_at, id) WHERE finished_at IS NOT NULL AND sealed IS NOT NULL;
