-- The months of a wallet, counted from its anchor, in UTC: the arithmetic of credits/periods.py.

-- The start of month number `p_months` (from 0). A short month shortens only itself.
CREATE FUNCTION ledger_month_start(p_anchor timestamptz, p_months integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (p_anchor AT TIME ZONE 'UTC' + make_interval(months => p_months)) AT TIME ZONE 'UTC';
$$;

-- The number of the month in which `p_at` falls.
CREATE FUNCTION ledger_month_of(p_anchor timestamptz, p_at timestamptz) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    first CONSTANT timestamp := p_anchor AT TIME ZONE 'UTC';
    moment CONSTANT timestamp := p_at AT TIME ZONE 'UTC';
    months CONSTANT integer := 12 * (date_part('year', moment) - date_part('year', first))
                               + date_part('month', moment) - date_part('month', first);
BEGIN
    RETURN CASE WHEN moment < first + make_interval(months => months) THEN months - 1 ELSE months END;
END;
$$;
