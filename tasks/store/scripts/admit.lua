-- Start the next task if the budgets allow it now and a live worker has a free slot.
-- ARGV: none. Answer: {task_id, attempt, kind}, or {ms until that can change by the clock, or ''}. Never repeated by the client:
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

local function start(id, kind, bucket, account, buckets)
  local meta = K('task', id)
  local owner = call('HGET', meta, 'owner')
  leave_line(id, kind, owner)
  charge(id, kind, owner, account, buckets)
  take(bucket)
  if account then
    take(buckets.requests)
    call('SADD', K('calls', account.model), id)
    call('HSET', meta, 'call_model', account.model)
  end
  local attempt = call('HINCRBY', meta, 'attempt', 1)
  call('HDEL', meta, 'producer', 'producer_seq', 'token', 'writer')
  count_up('started', 1)
  if attempt == 1 then count_up('wait:' .. wait_step(NOW - tonumber(call('HGET', meta, 'created_at'))), 1) end
  call('ZADD', K('reserved', kind), NOW + LIMIT.claim_ms, id)
  append_event(id, 'task_admitted', '{"attempt":' .. attempt .. '}', { 'state', 'PROGRESS' }, { 'step' })
  return { id, whole(attempt), kind }
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

local function head_of(kind)
  local owner = call('ZRANGE', K('owners', kind), 0, 0)[1]
  return call('ZRANGE', K('line', kind, owner), 0, 0)[1]
end

local kinds = kinds_in_order()
if #kinds > 0 then
  local cards = live_cards()
  local account = account_of(cards)
  local buckets = account and account_buckets(account)
  for _, kind in ipairs(kinds) do
    if free_slots(kind, cards) > 0 then
      local bucket = kind_bucket(kind, cards)
      local kind_at, head = opens_at(bucket), head_of(kind)
      local input, output = need_of(kind, call('HGET', K('task', head), 'input_chars'), account and account.model or '')
      local call_open, call_at = call_opens(account, buckets, input, output)
      if call_open and not kind_at then return start(head, kind, bucket, account, buckets) end
      if kind_at or call_at then by_clock(math.max(kind_at or 0, call_at or 0)) end
    end
  end
end
return { next_at and whole(next_at - NOW) or '' }
