-- Customers 1…:customers: mostly old ones, 6% churned, some without owner, ARR or renewal date.
INSERT INTO customer (external_id, name, email, segment, owner, arr, renewal_date, created_at,
    churned_at)
SELECT CASE WHEN pg_temp.noise(i, 1) < 0.9 THEN 'crm-' || i END,
       first[1 + floor(pg_temp.noise(i, 2) * 24)::int] || ' '
           || second[1 + floor(pg_temp.noise(i, 3) * 20)::int] || ' ' || i,
       'team' || i || '@' || lower(first[1 + floor(pg_temp.noise(i, 2) * 24)::int]) || '.example',
       segments[1 + floor(pg_temp.noise(i, 4) * 3)::int],
       CASE WHEN pg_temp.noise(i, 5) < 0.95
           THEN 'Manager ' || 1 + floor(pg_temp.noise(i, 6) * 25)::int END,
       CASE WHEN pg_temp.noise(i, 7) < 0.97
           THEN round((1000 + 99000 * pg_temp.noise(i, 8) ^ 3)::numeric, 2) END,
       CASE WHEN pg_temp.noise(i, 9) < 0.9
           THEN CAST(:today AS date) - 60 + floor(pg_temp.noise(i, 10) * 400)::int END,
       CAST(:now AS timestamptz)
           - make_interval(secs => 86400 * (20 + 1480 * pg_temp.noise(i, 11))),
       CASE WHEN pg_temp.noise(i, 12) < 0.06
           THEN CAST(:now AS timestamptz) - make_interval(secs => 86400 * 19 * pg_temp.noise(i, 13))
       END
FROM generate_series(1, :customers) AS i,
    (SELECT ARRAY['Acorn', 'Bluebird', 'Cedar', 'Delta', 'Ember', 'Fjord', 'Granite', 'Harbor',
                  'Indigo', 'Juniper', 'Kestrel', 'Lumen', 'Meridian', 'Nova', 'Orchard', 'Pinnacle',
                  'Quarry', 'Ridge', 'Summit', 'Tundra', 'Umbra', 'Vertex', 'Willow', 'Zephyr'],
            ARRAY['Analytics', 'Bank', 'Care', 'Data', 'Energy', 'Foods', 'Games', 'Health',
                  'Insurance', 'Labs', 'Logistics', 'Media', 'Mobility', 'Networks', 'Pay',
                  'Retail', 'Robotics', 'Software', 'Systems', 'Works'],
            ARRAY['startup', 'smb', 'enterprise']) AS word(first, second, segments)
ORDER BY i;

INSERT INTO customer_health (customer_id, external_id, name, email, segment, owner, arr,
    renewal_date, created_at, churned_at, status, coverage, factor_scores, calculated_at)
SELECT id, external_id, name, email, segment, owner, arr, renewal_date, created_at, churned_at,
       'no_data', 0, '{}', :now
FROM customer
ORDER BY id;

INSERT INTO connected_source (signal, first_day, known_day)
SELECT signal, CAST(:today AS date) - 1600, CAST(:today AS date) - 1600
FROM unnest(ARRAY['login', 'api_call', 'feature_use', 'support_ticket']) AS signal;
