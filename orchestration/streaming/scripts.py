"""The Lua scripts through which a session's stream is written: each step whole or not at all."""

_EMIT = """
local stream, fence, channel = KEYS[1], KEYS[2], KEYS[3]
local function emit(kind, data)
  local before = redis.call('HGET', fence, 'last') or '0-0'
  local id = redis.call('XADD', stream, 'MAXLEN', '~', ARGV[1], '*', 'k', kind, 'd', data)
  redis.call('HSET', fence, 'last', id)
  redis.call('PUBLISH', channel, id .. ' ' .. before .. ' ' .. kind .. ' ' .. data)
end
local function wish() return redis.call('HGET', fence, 'wish') or '' end
local function newer(turn, attempt)
  local known = redis.call('HGET', fence, turn)
  return known and tonumber(known) > tonumber(attempt)
end
"""

TOKENS = (
    _EMIT
    + """
-- KEYS[4] text. ARGV: most events, turn, attempt, bytes before, visible text, event, seconds to keep
if newer(ARGV[2], ARGV[3]) then return {'fenced', wish()} end
if redis.call('HGET', fence, ARGV[2]) ~= ARGV[3] or redis.call('STRLEN', KEYS[4]) ~= tonumber(ARGV[4]) then
  return {'lost', wish()}
end
redis.call('APPEND', KEYS[4], ARGV[5])
redis.call('EXPIRE', KEYS[4], ARGV[7])
emit('token', ARGV[6])
return {'ok', wish()}
"""
)
"""Append what was written to a turn's text and tell it; 'lost' where what came before is gone."""

RESTORE = (
    _EMIT
    + """
-- KEYS[4] text. ARGV: most events, turn, attempt, whole visible text, seconds to keep
if newer(ARGV[2], ARGV[3]) then return {'fenced', wish()} end
redis.call('HSET', fence, ARGV[2], ARGV[3])
redis.call('SET', KEYS[4], ARGV[4], 'EX', ARGV[5])
redis.call('EXPIRE', fence, ARGV[5])
emit('resync', '{}')
redis.call('EXPIRE', stream, ARGV[5])
return {'ok', wish()}
"""
)
"""Put a turn's whole text back, and have every follower start from a fresh snapshot."""

ANNOUNCE = (
    _EMIT
    + """
-- KEYS[4..] one text key per event. ARGV: most events, stamp, wish, seconds to keep,
-- then per event: kind, data, turn, attempt, action, text
local seen = tonumber(redis.call('HGET', fence, 'stamp') or '0')
local stamp = tonumber(ARGV[2])
local stale = stamp < seen
if not stale then redis.call('HSET', fence, 'stamp', ARGV[2], 'wish', ARGV[3]) end
local place = 5
for number = 4, #KEYS do
  local kind, data, turn, attempt = ARGV[place], ARGV[place + 1], ARGV[place + 2], ARGV[place + 3]
  local action, text = ARGV[place + 4], ARGV[place + 5]
  place = place + 6
  -- A status that another worker's newer one has overtaken would turn the page back.
  local overtaken = stale and (kind == 'status' or kind == 'credits')
  local fenced = turn ~= '' and newer(turn, attempt)
  if not overtaken and not fenced then
    if turn ~= '' and attempt ~= '' then redis.call('HSET', fence, turn, attempt) end
    if action == 'open' then
      -- Followers know what was told. An attempt that goes on after more than that has them start afresh.
      local told = redis.call('GET', KEYS[number]) or ''
      redis.call('SET', KEYS[number], text, 'EX', ARGV[4])
      if string.sub(told, 1, #text) ~= text then emit('resync', '{}') end
    end
    if action == 'close' then redis.call('DEL', KEYS[number]) end
    emit(kind, data)
  end
end
redis.call('EXPIRE', stream, ARGV[4])
redis.call('EXPIRE', fence, ARGV[4])
return {'ok', wish()}
"""
)
"""Tell what a transaction changed."""

RESYNC = (
    _EMIT
    + """
-- ARGV: most events, stamp, seconds to keep
if tonumber(redis.call('HGET', fence, 'stamp') or '0') >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', fence, 'stamp', ARGV[2])
emit('resync', '{}')
redis.call('EXPIRE', stream, ARGV[3])
redis.call('EXPIRE', fence, ARGV[3])
return 1
"""
)
"""Have followers start afresh where a change was committed and never told."""

LOOK = """
-- KEYS: fence, then text keys. Returns the last event's id, or the time where there is none, then the texts
local last = redis.call('HGET', KEYS[1], 'last')
if not last then
  local now = redis.call('TIME')
  last = now[1] .. string.format('%03d', math.floor(now[2] / 1000)) .. '-0'
end
local found = {last}
for number = 2, #KEYS do
  found[number] = redis.call('GET', KEYS[number]) or false
end
return found
"""
"""Read in one moment how far the stream is and what the turns at work have written."""

TAKE_SEAT = """
-- KEYS: seats of a user. ARGV: seat, now, until, most
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then
  return 0
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
redis.call('EXPIRE', KEYS[1], 120)
return 1
"""
"""Take one of a user's places in the stream, or keep it."""
