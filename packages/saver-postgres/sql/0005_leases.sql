-- What: the functions that take, renew and give back a thread's lease.
-- Why: a lease is judged by the database's clock, with the thread's row locked.
-- Breaking: no

CREATE TYPE @schema.lease AS (
  result     text,
  token      text,
  holder     text,
  fence      bigint,
  expires_at double precision
);

CREATE FUNCTION @schema.acquire_lease(
  p_thread text, p_token text, p_holder text, p_ttl_ms double precision, p_replace boolean
) RETURNS @schema.lease LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread  @schema.threads := @schema.make_thread(p_thread);
  v_now     double precision := @schema.clock_ms();
  v_is_live boolean := v_thread.lease_token IS NOT NULL AND v_thread.lease_expires_at > v_now;
  v_token   text := p_token;
  v_fence   bigint := greatest(v_thread.lease_fence + 1, v_now::bigint);
BEGIN
  IF v_thread.is_leaving THEN RETURN ROW('leaving', NULL, NULL, NULL, NULL)::@schema.lease; END IF;
  IF v_is_live AND v_thread.lease_holder = p_holder THEN
    v_token := v_thread.lease_token;
    v_fence := v_thread.lease_fence;
  ELSIF v_is_live AND NOT p_replace THEN
    RETURN ROW('busy', NULL, v_thread.lease_holder, NULL, v_thread.lease_expires_at)::@schema.lease;
  END IF;
  UPDATE @schema.threads SET lease_token = v_token, lease_holder = p_holder, lease_fence = v_fence,
    lease_ttl_ms = p_ttl_ms, lease_expires_at = v_now + p_ttl_ms
  WHERE thread_id = p_thread;
  RETURN ROW('done', v_token, p_holder, v_fence, v_now + p_ttl_ms)::@schema.lease;
END $$;

CREATE FUNCTION @schema.renew_lease(p_thread text, p_token text, p_ttl_ms double precision)
RETURNS @schema.lease LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread @schema.threads;
  v_now    double precision;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, p_token) IS NOT NULL THEN
    RETURN ROW('lease-lost', NULL, NULL, NULL, NULL)::@schema.lease;
  END IF;
  v_now := @schema.clock_ms();
  UPDATE @schema.threads SET lease_ttl_ms = p_ttl_ms, lease_expires_at = v_now + p_ttl_ms WHERE thread_id = p_thread;
  RETURN ROW('done', p_token, v_thread.lease_holder, v_thread.lease_fence, v_now + p_ttl_ms)::@schema.lease;
END $$;

-- Waits until the clock has passed a fence, so that the next one is greater although nothing of this one is left. That is
-- a millisecond at most, unless fences were granted faster than one a millisecond, or the clock was set back.
CREATE FUNCTION @schema.outlive_fence(p_fence bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  FOR i IN 1..20 LOOP
    EXIT WHEN p_fence IS NULL OR @schema.clock_ms() > p_fence;
    PERFORM pg_catalog.pg_sleep(0.001);
  END LOOP;
END $$;

CREATE FUNCTION @schema.release_lease(p_thread text, p_token text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread @schema.threads;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF v_thread.lease_token IS DISTINCT FROM p_token THEN RETURN; END IF;
  IF v_thread.origin IS NULL AND NOT v_thread.is_leaving THEN
    -- A row that was made for the lease goes with it.
    PERFORM @schema.outlive_fence(v_thread.lease_fence);
    DELETE FROM @schema.threads WHERE thread_id = p_thread;
  ELSE
    -- The fence stays, for the next one to be greater.
    UPDATE @schema.threads SET lease_token = NULL, lease_holder = NULL, lease_ttl_ms = NULL, lease_expires_at = NULL
    WHERE thread_id = p_thread;
  END IF;
END $$;
