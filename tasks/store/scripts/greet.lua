-- The first command of every connection. A store whose run id is not the one on record was
-- restarted, failed over or restored: its numbers get a new generation. The clock is part of it, so
-- that data restored from an older copy cannot count up to a generation that was already used.
-- KEYS: generation. Answer: the epoch.
local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local known = redis.call('HMGET', KEYS[1], 'run_id', 'epoch')
if known[1] == run_id then return known[2] end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local epoch = string.format('%.0f', math.max((tonumber(known[2]) or 0) + 1, now))
redis.call('HSET', KEYS[1], 'run_id', run_id, 'epoch', epoch)
return epoch
