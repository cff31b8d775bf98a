-- What: the functions plan every look-up by an index.
-- Why: a function keeps its plans, and those made just after the server had looked at a table of few rows read the whole table.
--   Until the server looked at it again, a minute later or more, each commit and read cost what all that was stored meanwhile costs.
-- Breaking: no
--
-- Whoever replaces one of these functions has to say so again.

ALTER FUNCTION @schema.make_thread SET enable_seqscan = off;
ALTER FUNCTION @schema.place_refusal SET enable_seqscan = off;
ALTER FUNCTION @schema.take_place SET enable_seqscan = off;
ALTER FUNCTION @schema.put SET enable_seqscan = off;
ALTER FUNCTION @schema.put_writes SET enable_seqscan = off;
ALTER FUNCTION @schema.get SET enable_seqscan = off;
ALTER FUNCTION @schema.acquire_lease SET enable_seqscan = off;
ALTER FUNCTION @schema.renew_lease SET enable_seqscan = off;
ALTER FUNCTION @schema.release_lease SET enable_seqscan = off;
ALTER FUNCTION @schema.has_rows SET enable_seqscan = off;
ALTER FUNCTION @schema.claim_thread SET enable_seqscan = off;
ALTER FUNCTION @schema.refresh_tokens SET enable_seqscan = off;
ALTER FUNCTION @schema.copy_thread SET enable_seqscan = off;
ALTER FUNCTION @schema.delete_thread SET enable_seqscan = off;
ALTER FUNCTION @schema.prune SET enable_seqscan = off;
