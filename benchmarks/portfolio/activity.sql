-- Counters of customers :first…:last over the 90 days that end today: about 300 a customer.
-- Each customer has its own pace and features; one in seven slows down; weekends are quiet.
-- What shares a `place` shares its dice: errors fall on days with calls, sessions on logins.
INSERT INTO daily_activity (customer_id, day, signal, key, n, last_at)
SELECT r.id, r.day, r.signal, r.key,
       CASE r.signal
           WHEN 1 THEN 1 + floor(3 * r.dice ^ 4)::int
           WHEN 2 THEN r.calls
           WHEN 3 THEN GREATEST(1, floor(r.calls * 0.15 * r.dice)::int)
           WHEN 4 THEN 1 + floor(9 * r.dice)::int
           ELSE 60 + floor(3540 * r.dice)::int
       END,
       LEAST(CAST(:now AS timestamptz),
             r.day + make_interval(hours => 8) + make_interval(secs => 36000 * r.dice))
FROM (
    SELECT c.id, d.day, w.signal, w.key, w.chance * c.pace
           * CASE WHEN c.slows THEN 0.25 + 0.75 * d.ago / 90 ELSE 1 END
           * CASE WHEN extract(isodow FROM d.day) > 5 THEN 0.5 ELSE 1.15 END AS chance,
           1 + floor(c.expected / 26.0 * c.pace
               * (0.5 + pg_temp.noise(c.id * 4096 + d.ago * 32, 23)))::int AS calls,
           pg_temp.noise(c.id * 4096 + d.ago * 32 + w.place, 21) AS roll,
           pg_temp.noise(c.id * 4096 + d.ago * 32 + w.place, 22) AS dice
    FROM (
        SELECT id, 0.35 + 1.3 * pg_temp.noise(id, 14) AS pace,
               pg_temp.noise(id, 15) < 0.15 AS slows,
               0.45 + 0.55 * pg_temp.noise(id, 16) AS adoption,
               CASE segment WHEN 'enterprise' THEN 1000 WHEN 'smb' THEN 500 ELSE 200 END
                   AS expected,
               (created_at AT TIME ZONE 'UTC')::date AS joined,
               (COALESCE(churned_at, :now) AT TIME ZONE 'UTC')::date AS left_on
        FROM customer WHERE id BETWEEN :first AND :last
    ) AS c
    CROSS JOIN (
        SELECT ago, CAST(:today AS date) - ago AS day FROM generate_series(0, 89) AS ago
    ) AS d
    CROSS JOIN (VALUES
        (0, 1, '', 0.60), (0, 5, '', 0.50), (1, 2, '', 0.85), (1, 3, '', 0.32),
        (2, 4, 'API keys', 0.10), (3, 4, 'Alerts', 0.25), (4, 4, 'Approvals', 0.08),
        (5, 4, 'Audit log', 0.05), (6, 4, 'Automations', 0.18), (7, 4, 'Dashboards', 0.40),
        (8, 4, 'Exports', 0.25), (9, 4, 'Forecasts', 0.08), (10, 4, 'Integrations', 0.18),
        (11, 4, 'Reports', 0.35), (12, 4, 'SSO', 0.06), (13, 4, 'Team roles', 0.10)
    ) AS w(place, signal, key, chance)
    WHERE d.day BETWEEN c.joined AND c.left_on
        AND (w.place < 2 OR pg_temp.noise(c.id * 16 + w.place, 24) < c.adoption)
) AS r
WHERE r.roll < r.chance
ORDER BY r.id, r.day, r.signal, r.key;
