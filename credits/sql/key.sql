-- Fold a text key to 16 bytes inside the database, which has no SHA-1: a version 8 UUID (RFC 9562, B.2), the first bytes of
-- SHA-256 over the namespace of credits.ledger and the text.
CREATE FUNCTION ledger_key(p_text text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    d CONSTANT bytea := sha256('\x5f0b4b0e43a55c0f9d3c8f4f5e1c7a21'::bytea || convert_to(p_text, 'UTF8'));
BEGIN
    RETURN encode(set_byte(set_byte(substr(d, 1, 16), 6, get_byte(d, 6) & 15 | 128), 8, get_byte(d, 8) & 63 | 128), 'hex')::uuid;
END;
$$;
