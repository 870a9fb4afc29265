-- Put back what was lost. ARGV: tries allowed, worker_lost error as JSON. Answer: tasks touched.
local last = tonumber(call('HGET', KEYS[1], 'swept_at')) or 0
call('HSET', KEYS[1], 'swept_at', whole(NOW))
call('ZREMRANGEBYSCORE', K('dead'), '-inf', whole(NOW - LIMIT.retention_ms))

-- Who is below where everybody begins, begins there anyway.
call('ZREMRANGEBYSCORE', K('counters', TOP), '-inf', '(' .. tostring(present_least(TOP)))

local function each(name, ripe, action)
  local touched = 0
  for _, kind in ipairs(ADMISSION_ORDER) do
    local ids = call('ZRANGEBYSCORE', K(name, kind), '-inf', ripe)
    for _, id in ipairs(ids) do action(id, kind) end
    touched = touched + #ids
  end
  return touched
end

-- Nobody could renew while nobody could sweep: an old lease says nothing about its worker.
if NOW - last > LIMIT.store_away_ms then
  local function extend(name, term)
    each(name, '+inf', function(id, kind)
      local till = math.max(tonumber(call('ZSCORE', K(name, kind), id)), NOW)
      call('ZADD', K(name, kind), till + term, id)
    end)
  end
  extend('reserved', LIMIT.claim_ms)
  extend('claimed', LIMIT.lease_ms)
  return 0
end

for _, worker in ipairs(call('ZRANGEBYSCORE', K('workers'), '-inf', whole(NOW))) do
  call('ZREM', K('workers'), worker)
  call('HDEL', K('cards'), worker)
end

local function not_claimed(id, kind)
  refund(id, kind)
  local state = call('HGET', K('task', id), 'state')
  if state and not ended(state) then queue_again(id, 'message_lost') end
end

-- How many ran in the process when its first lease ran out: all of its leases are not lost in one
-- sweep, and the last one must not look as if it had been alone.
local function crowd_of(worker)
  local tasks, key = K('worker_tasks', worker), K('worker_crowd', worker)
  call('SET', key, call('SCARD', tasks), 'NX', 'PX', 10 * LIMIT.lease_ms)
  return tonumber(call('GET', key))
end

local function lose(id, kind)
  local meta = K('task', id)
  local f = call('HMGET', meta, 'worker', 'state', 'suspect', 'losses')
  local crowd = f[1] and crowd_of(f[1]) or 0
  drop_lease(id, kind, f[1])
  if not f[2] or ended(f[2]) then return end
  local losses = (tonumber(f[4]) or 0) + ((f[3] == '1' or crowd == 1) and 1 or 0)
  call('HSET', meta, 'suspect', '1', 'losses', losses)
  if losses >= tonumber(ARGV[1]) then
    append_event(id, 'task_failed', '{"error":' .. ARGV[2] .. '}',
      { 'state', 'FAILURE', 'ended_at', whole(NOW), 'error', ARGV[2] }, {})
  else
    queue_again(id, 'worker_lost')
  end
end

return each('reserved', whole(NOW), not_claimed) + each('claimed', whole(NOW), lose)
