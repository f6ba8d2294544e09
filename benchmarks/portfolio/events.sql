-- Events behind the counters of customers :first…:last, as few as make them: one a counter.
INSERT INTO event (customer_id, event_id, event_type, occurred_at, received_at, source,
    subject_id, data, content_hash)
SELECT customer_id, 'portfolio-' || row_number() OVER (PARTITION BY customer_id ORDER BY at, kind, data),
       kind, at, at, 'portfolio', subject_id, data, sha256(convert_to(kind || data, 'UTF8'))
FROM (
    SELECT a.customer_id, 'login' AS kind, a.last_at AS at, NULL AS subject_id,
           jsonb_build_object('user_id', 'ana') || CASE WHEN number = 1 AND s.n IS NOT NULL
               THEN jsonb_build_object('session_seconds', s.n) ELSE '{}' END AS data
    FROM daily_activity a
    CROSS JOIN generate_series(1, a.n) AS number
    LEFT JOIN daily_activity s
        ON (s.customer_id, s.day, s.signal, s.key) = (a.customer_id, a.day, 5, '')
    WHERE a.signal = 1 AND a.customer_id BETWEEN :first AND :last
    UNION ALL
    SELECT a.customer_id, 'api_call', a.last_at, NULL,
           jsonb_build_object('endpoint', '/v1/orders', 'status_code', part.status,
               'count', part.calls)
    FROM daily_activity a
    LEFT JOIN daily_activity e
        ON (e.customer_id, e.day, e.signal, e.key) = (a.customer_id, a.day, 3, '')
    CROSS JOIN LATERAL (VALUES (200, a.n - COALESCE(e.n, 0)), (500, e.n)) AS part(status, calls)
    WHERE a.signal = 2 AND part.calls > 0 AND a.customer_id BETWEEN :first AND :last
    UNION ALL
    SELECT customer_id, 'feature_use', last_at, NULL,
           jsonb_build_object('feature_name', key, 'count', n)
    FROM daily_activity WHERE signal = 4 AND customer_id BETWEEN :first AND :last
    UNION ALL
    SELECT customer_id, 'payment', (due_date - 20) + time '09:00' AT TIME ZONE 'UTC', invoice_id,
           jsonb_strip_nulls(jsonb_build_object('invoice_id', invoice_id, 'amount', amount,
               'due_date', due_date, 'paid_date', paid_date, 'status', status))
    FROM invoice WHERE customer_id BETWEEN :first AND :last
    UNION ALL
    SELECT customer_id, 'support_ticket', opened_at, ticket_id,
           jsonb_build_object('ticket_id', ticket_id, 'subject', subject, 'priority', priority)
    FROM support_ticket WHERE customer_id BETWEEN :first AND :last
) AS facts;
