-- Invented history of customers :first…:last: the 89 days before today, wandering around a level.
INSERT INTO health_snapshot (customer_id, day, overall_score, status, coverage, factor_scores,
    segment, arr, model, model_version)
SELECT id, day, score, CASE WHEN score >= 75 THEN 'healthy' WHEN score >= 50 THEN 'at_risk'
           ELSE 'critical' END, 1,
       jsonb_build_object('api_usage', score, 'login_frequency', score,
           'payment_timeliness', score, 'feature_adoption', score, 'support_tickets', score),
       segment, arr, 'standard', 1
FROM (
    SELECT c.id, c.segment, c.arr, d.day,
           floor(1e4 * LEAST(100, 35 + 55 * pg_temp.noise(c.id, 14)
               + 10 * pg_temp.noise(c.id * 128 + d.ago / 5, 51))) / 1e4 AS score
    FROM customer c
    CROSS JOIN (
        SELECT ago, CAST(:today AS date) - ago AS day FROM generate_series(89, 1, -1) AS ago
    ) AS d
    WHERE c.id BETWEEN :first AND :last
        AND d.day BETWEEN (c.created_at AT TIME ZONE 'UTC')::date
            AND (COALESCE(c.churned_at, :now) AT TIME ZONE 'UTC')::date
) AS days
ORDER BY id, day;
