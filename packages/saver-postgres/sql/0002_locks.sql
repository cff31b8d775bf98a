-- What: the database's clock, the lock on a thread's row, and the judgement of its lease.
-- Why: every mutation begins with them, so that each guard after them sees what is committed.
-- Breaking: no
--
-- A guard in the very statement that waits for the lock sees the snapshot from before the wait. In a function each
-- statement has a snapshot of its own (READ COMMITTED), and those after the lock are taken after the wait. At stricter
-- levels the wait ends in 40001, and the saver tries again.

-- Names and operators that PostgreSQL resolves by its any-type or by a conversion are qualified or given the exact type
-- throughout: a better fit in a schema of the caller's search path would come before them (CVE-2018-1058). Fixing the path
-- for each function would cost every call some per cent. `unnest` of several arrays is syntax, and always PostgreSQL's own.

-- Milliseconds since 1970, now and not as of the transaction's beginning: waiting for a lock takes time too.
CREATE FUNCTION @schema.clock_ms() RETURNS double precision LANGUAGE sql VOLATILE
AS $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000::numeric)::double precision $$;

-- Locks the thread's row, which is made where there is none: it is a row without a thread then, for the caller to fill or
-- to remove.
CREATE FUNCTION @schema.make_thread(p_thread text) RETURNS @schema.threads LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread @schema.threads;
BEGIN
  LOOP
    SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
    IF FOUND THEN RETURN v_thread; END IF;
    INSERT INTO @schema.threads (thread_id) VALUES (p_thread) ON CONFLICT DO NOTHING;
  END LOOP;
END $$;

-- Why a write with this lease token, or with none, is refused; NULL when it is not.
CREATE FUNCTION @schema.lease_refusal(p_stored text, p_expires_at double precision, p_token text)
RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE
    WHEN p_stored IS NULL OR p_expires_at <= @schema.clock_ms()
      THEN CASE WHEN p_token IS NOT NULL THEN 'lease-lost' END
    WHEN p_token IS NULL THEN 'busy'
    WHEN p_token <> p_stored THEN 'lease-lost'
  END
$$;

-- What a mutation answers. `result` is `done`, or why it was refused; the rest is what the error names.
CREATE TYPE @schema.outcome AS (
  result     text,
  detail     text,
  head_id    text,
  last_seq   bigint,
  holder     text,
  expires_at double precision
);
