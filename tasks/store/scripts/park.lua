-- Wait after a failure that may pass, then stand in line again; or end the task at its third try.
-- ARGV: task_id, attempt, token, reason as JSON, delay_ms, model whose success
--   makes the failure count ('' counts in any case), failure as JSON, tries allowed, 1 when the call was
--   turned away before it took anything.
-- Answer: the state reached, or false when the attempt is stale or ended.
local id = ARGV[1]
local meta = K('task', id)
if not holds(id, ARGV[2], ARGV[3]) then return false end
local f = call('HMGET', meta, 'kind', 'failed_at', 'counted', 'claimed_at')
local succeeded_at = tonumber(call('HGET', K('success'), ARGV[6]) or -1)
-- a call that began before the failure says nothing of the time after it, however late it ended;
-- >= so that one which began in the very millisecond of the failure counts
local counts = ARGV[6] == '' or succeeded_at >= (tonumber(f[2]) or 0)
local tries = (tonumber(f[3]) or 0) + (counts and 1 or 0)
call('HSET', meta, 'counted', tries, 'failed_at', whole(NOW))
call('HINCRBY', meta, 'failures', 1)
if counts then call('HINCRBY', meta, 'ran_ms', whole(NOW - tonumber(f[4]))) end
if ARGV[9] == '1' then unspend(id) end

-- Overload lowers how many run at a time; many failures in a row mean that Claude is away.
local function note_failure(model, reason)
  local b = load_bucket('requests:' .. model)
  b.failures = b.failures + 1
  if reason == 'overloaded' then cut_window(b, call('SCARD', K('calls', model))) end
  if b.failures >= LIMIT.away_after then
    local pause = math.min(LIMIT.longest_pause, 2 ^ (b.failures - LIMIT.away_after)) * LIMIT.away_ms
    b.closed_until, b.reason, b.probing = math.max(b.closed_until, NOW + pause), 'engine_away', true
  end
  refill(b)
  save_buckets({ b })
end

if ARGV[6] ~= '' then note_failure(ARGV[6], cjson.decode(ARGV[4])) end
local state
if tries >= tonumber(ARGV[8]) then
  state = 'FAILURE'
  append_event(id, 'task_failed', '{"error":' .. ARGV[7] .. '}',
    { 'state', state, 'ended_at', whole(NOW), 'error', ARGV[7] }, {})
else
  state = 'RETRY'
  local retry_at = whole(NOW + tonumber(ARGV[5]))
  append_event(id, 'task_retrying',
    '{"reason":' .. ARGV[4] .. ',"retry_at":' .. retry_at .. ',"tries":' .. whole(tries) .. '}',
    { 'state', state, 'reason', cjson.decode(ARGV[4]), 'retry_at', retry_at, 'tries', whole(tries) }, { 'step' })
  call('ZADD', K('parked', f[1]), retry_at, id)
end
set_free(id)
return state
