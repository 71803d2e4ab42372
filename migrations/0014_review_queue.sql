-- The lists of cases go on where the page before ended: by when a case was submitted, or begun where it was not, and by its id. The indexes of
-- 0010 serve the release before and go with the next one: kyc_cases_waiting and kyc_cases_decided.

CREATE INDEX kyc_cases_waiting_since ON kyc_cases (COALESCE(submitted_at, created_at), id)
    WHERE CASE WHEN state IN ('submitted', 'proposed') THEN 1 ELSE 0 END = 1;
CREATE INDEX kyc_cases_state_since ON kyc_cases (state, COALESCE(submitted_at, created_at), id);
