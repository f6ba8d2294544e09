-- A number in [0, 1) that depends on nothing but its arguments.
CREATE OR REPLACE FUNCTION pg_temp.noise(what bigint, salt bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(what, salt) & 2147483647) / 2147483648.0::float8;
