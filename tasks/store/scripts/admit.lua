-- Start the next task if the budgets allow it now and a live worker has a free slot.
-- ARGV: none. Answer: {task_id, attempt, kind, model or ''}, or {ms until that can change by the clock, or ''}. Never repeated by the client:
-- if the answer is lost, the lease runs out and the task is put back.
local next_at
local function by_clock(at)
  if at and (not next_at or at < next_at) then next_at = at end
end

for _, kind in ipairs(ADMISSION_ORDER) do
  local due = call('ZRANGEBYSCORE', K('parked', kind), '-inf', whole(NOW), 'LIMIT', 0, 100)
  for _, id in ipairs(due) do
    call('ZREM', K('parked', kind), id)
    queue_again(id, 'retried')
  end
  by_clock(tonumber(call('ZRANGE', K('parked', kind), 0, 0, 'WITHSCORES')[2]))
end

local function start(id, kind, bucket, choice)
  local meta = K('task', id)
  local f = call('HMGET', meta, 'owner', 'created_at')
  leave_line(id, kind, f[1])
  charge(id, kind, f[1], choice)
  note_start(kind, tonumber(f[2]), choice and choice.buckets)
  take(bucket)
  local model = choice and choice.account.model or ''
  if choice then
    spend(choice.buckets.requests, 1)
    call('SADD', K('calls', model), id)
    call('HSET', meta, 'call_model', model)
    if choice.warms then
      call('HSET', meta, 'warms', '1')
      call('SET', warmth_key(kind, call('HGET', meta, 'document_id'), model), id, 'PX', LIMIT.warm_ms)
    end
  end
  local attempt = call('HINCRBY', meta, 'attempt', 1)
  call('HDEL', meta, 'producer', 'producer_seq', 'token', 'writer')
  count_up('started', 1)
  if attempt == 1 then count_up('wait:' .. wait_step(NOW - tonumber(call('HGET', meta, 'created_at'))), 1) end
  call('ZADD', K('reserved', kind), NOW + LIMIT.claim_ms, id)
  append_event(id, 'task_admitted', '{"attempt":' .. attempt .. '}', { 'state', 'PROGRESS' }, { 'step' })
  return { id, whole(attempt), kind, model }
end

-- The kinds in which something waits; one whose head has waited too long since the kind's last
-- start comes first, once.
local function kinds_in_order()
  local aged, others, waited = {}, {}, {}
  for _, kind in ipairs(ADMISSION_ORDER) do
    local oldest = call('ZRANGE', K('waiting', kind), 0, 0)[1]
    if oldest then
      local since = tonumber(call('HGET', K('task', oldest), 'created_at'))
      waited[kind] = NOW - math.max(since, tonumber(call('HGET', K('fairness'), 'admitted_at:' .. kind)) or 0)
      table.insert(waited[kind] > LIMIT.ageing_ms and aged or others, kind)
    end
  end
  table.sort(aged, function(a, b) return waited[a] > waited[b] end)
  for _, kind in ipairs(others) do aged[#aged + 1] = kind end
  return aged
end

-- The members of a sorted set in order, at most so many. Mostly the head is all that is asked for.
local function each_of(key, most)
  local members, at = call('ZRANGE', key, 0, 0), 0
  return function()
    at = at + 1
    if at == 2 then
      for _, member in ipairs(call('ZRANGE', key, 1, most - 1)) do members[#members + 1] = member end
    end
    return members[at]
  end
end

-- The next task of a kind that may start, and its call if it needs one; else when the clock could change
-- that. Owners take turns by what they consumed. Tasks whose document is just being written to the cache are
-- passed over; whoever else cannot start holds the line, but not those that need no call at all.
local function next_of(kind, account)
  local later, passed, left = nil, {}, LIMIT.look_at_most
  for owner in each_of(K('owners', kind), LIMIT.look_at_owners) do
    for id in each_of(K('line', kind, owner), math.min(left, LIMIT.look_at_tasks)) do
      local f = call('HMGET', K('task', id), 'input_chars', 'shared_chars', 'document_id', 'asked_engine')
      if f[4] or not account then return id end
      left = left - 1
      if not (f[3] and passed[f[3]]) then
        local choice, at, why = choose_call(account, kind, f[1], f[2], f[3])
        if choice then return id, choice end
        later = earlier(later, at)
        if why ~= 'warming' then return call('ZRANGE', K('unbilled', kind), 0, 0)[1], nil, later end
        passed[f[3]] = true
      end
    end
    if left <= 0 then break end
  end
  return call('ZRANGE', K('unbilled', kind), 0, 0)[1], nil, later
end

local kinds = kinds_in_order()
if #kinds > 0 then
  local cards = live_cards()
  local account = account_of(cards)
  for _, kind in ipairs(kinds) do
    if free_slots(kind, cards) > 0 then
      local bucket = kind_bucket(kind, cards)
      local kind_at, id, choice, call_at = opens_at(bucket), next_of(kind, account)
      if id and not kind_at then return start(id, kind, bucket, choice) end
      if kind_at or call_at then by_clock(math.max(kind_at or 0, call_at or 0)) end
    end
  end
end
return { next_at and whole(next_at - NOW) or '' }
