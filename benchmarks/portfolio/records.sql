-- Invoices, tickets and sightings of customers :first…:last.
INSERT INTO invoice (customer_id, invoice_id, amount, currency, status, due_date, paid_date)
SELECT id, 'inv-' || month, round((arr / 12)::numeric, 2), 'USD',
       CASE WHEN paid IS NULL THEN 'pending' ELSE 'paid' END, due, paid
FROM (
    SELECT c.id, month, COALESCE(c.arr, 12000) AS arr, i.due,
           CASE WHEN pg_temp.noise(c.id * 16 + month, 31) < 0.94
               AND i.due + i.days <= CAST(:today AS date) THEN i.due + i.days END AS paid
    FROM customer c
    CROSS JOIN generate_series(1, 12) AS month
    CROSS JOIN LATERAL (
        SELECT CAST(:today AS date) + 20 - 30 * month + (c.id % 28)::int AS due,
               floor(40 * pg_temp.noise(c.id * 16 + month, 32)
                   * pg_temp.noise(c.id, 33) ^ 2)::int - 5 AS days
    ) AS i
    WHERE c.id BETWEEN :first AND :last AND pg_temp.noise(c.id, 34) < 0.95
) AS invoices
ORDER BY id, 'inv-' || month;

INSERT INTO support_ticket (customer_id, ticket_id, subject, priority, opened_at, resolved_at,
    satisfaction)
SELECT id, 'ticket-' || number, 'Question ' || number,
       (ARRAY['low', 'medium', 'medium', 'medium', 'high', 'urgent'])[1 + floor(6 * dice)::int],
       opened, CASE WHEN dice < 0.85 THEN LEAST(opened + make_interval(hours => 40), :now) END,
       CASE WHEN dice < 0.6 THEN 1 + floor(5 * pg_temp.noise(id * 16 + number, 36))::int END
FROM (
    SELECT c.id, number, pg_temp.noise(c.id * 16 + number, 37) AS dice,
           CAST(:now AS timestamptz)
               - make_interval(secs => 86400 * 150 * pg_temp.noise(c.id * 16 + number, 38))
               AS opened
    FROM customer c CROSS JOIN generate_series(1, 8) AS number
    WHERE c.id BETWEEN :first AND :last
        AND pg_temp.noise(c.id * 16 + number, 39) < 0.75 * pg_temp.noise(c.id, 40) ^ 2
) AS tickets
ORDER BY id, 'ticket-' || number;

INSERT INTO last_seen (customer_id, kind, name, first_at, last_at, on_time_at)
SELECT c.id, s.kind, s.name, first.at,
       LEAST(COALESCE(c.churned_at, :now), CAST(:now AS timestamptz)
           - make_interval(secs => 86400 * 15 * pg_temp.noise(c.id * 16 + s.number, 41) ^ 4)),
       CASE s.kind WHEN 3 THEN first.at END
FROM customer c
CROSS JOIN LATERAL (
    SELECT GREATEST(c.created_at, CAST(:now AS timestamptz) - make_interval(days => 89)) AS at
) AS first
CROSS JOIN (VALUES
    (0, 1, 'ana'), (1, 1, 'bo'), (2, 1, 'chris'), (3, 1, 'dana'), (4, 1, 'eli'),
    (5, 2, '/v1/orders'), (6, 2, '/v1/reports'), (7, 2, '/v1/search'), (8, 2, '/v1/webhooks'),
    (9, 3, 'api_call'), (10, 3, 'feature_use'), (11, 3, 'login'), (12, 3, 'payment'),
    (13, 3, 'support_ticket')
) AS s(number, kind, name)
WHERE c.id BETWEEN :first AND :last
ORDER BY c.id, s.kind, s.name;

INSERT INTO last_seen (customer_id, kind, name, first_at, last_at)
SELECT customer_id, 4, key, min(day)::timestamp AT TIME ZONE 'UTC',
       max(day)::timestamp AT TIME ZONE 'UTC'
FROM daily_activity
WHERE customer_id BETWEEN :first AND :last AND signal = 4
GROUP BY customer_id, key
ORDER BY customer_id, key;
