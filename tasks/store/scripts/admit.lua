-- Start the next task if the budgets allow it now and a live worker has a free slot.
-- ARGV: none. Answer: {task_id, attempt, kind, model or ''}, or {ms until that can change by the clock, or ''}. Never repeated by the client:
-- if the answer is lost, the lease runs out and the task is put back.
local next_at
local function by_clock(at)
  if at and (not next_at or at < next_at) then next_at = at end
end

for _, kind in ipairs(ADMISSION_ORDER) do
  local first = tonumber(call('ZRANGE', K('parked', kind), 0, 0, 'WITHSCORES')[2])
  if first and first <= NOW then
    for _, id in ipairs(call('ZRANGEBYSCORE', K('parked', kind), '-inf', whole(NOW), 'LIMIT', 0, 100)) do
      call('ZREM', K('parked', kind), id)
      queue_again(id, 'retried')
    end
    first = tonumber(call('ZRANGE', K('parked', kind), 0, 0, 'WITHSCORES')[2])
  end
  by_clock(first)
end

local seen = call('HMGET', K('fairness', TOP), 'virtual', 'admitted_at:chat', 'admitted_at:test', 'admitted_at:analysis')
local admitted_at = {}
for i, kind in ipairs(ADMISSION_ORDER) do admitted_at[kind] = tonumber(seen[i + 1]) end

-- Take it out of its line; it waits, so it is not parked.
local function leave(id, kind, owner, group, unbilled)
  local level = kind .. group
  call('ZREM', K('waiting', kind), id)
  if unbilled then call('ZREM', K('unbilled', kind), id) end
  call('ZREM', K('line', level, owner), id)
  stop_waiting(kind, group, owner)
end

-- What was served last, when, and how fast the line moves while it waits, times apart in which a budget
-- was closed, and how many come to wait meanwhile; see next_step and next_inflow in admission.py.
local function note_start(kind, created_at, paid, closed_until)
  local f = call('HMGET', K('fairness', TOP), 'step_ms:' .. kind, 'inflow:' .. kind, 'stood:' .. kind)
  local last, step, waiting = admitted_at[kind], tonumber(f[1]), call('ZCARD', K('waiting', kind))
  if last and created_at <= last then
    local gap = NOW - math.max(last, closed_until)
    step = (step or gap) + 0.05 * (gap - (step or gap))
  end
  local inflow, arrived = tonumber(f[2]) or 0, waiting - (tonumber(f[3]) or waiting) + 1
  inflow = inflow + 0.05 * (math.min(LIMIT.most_arrived, math.max(0, arrived)) - inflow)
  call('HSET', K('fairness', TOP), 'virtual', tostring(math.max(tonumber(seen[1]) or 0, paid)),
    'admitted_at:' .. kind, whole(NOW), 'step_ms:' .. kind, tostring(step), 'stood:' .. kind, waiting,
    'inflow:' .. kind, tostring(inflow))
end

-- Within its group the owner pays too, and what was served last is remembered as it is at the top.
local function serve_within(group, owner, cost)
  local virtual, paid = tonumber(call('HGET', K('fairness', group), 'virtual')) or 0, counter_of(group, owner)
  call('HSET', K('fairness', group), 'virtual', tostring(math.max(virtual, paid)))
  call('PEXPIRE', K('fairness', group), LIMIT.retention_ms)
  set_counter(group, owner, paid + cost)
end

-- The owner and the budgets pay the estimate now; release settles it.
local function start(id, kind, bucket, choice)
  local f = call('HMGET', K('task', id), 'epoch', 'seq', 'owner', 'created_at', 'attempt', 'document_id', 'asked_engine',
    'input_chars', 'group', 'weight')
  local owner, group, attempt = f[3], f[9] or '', whole((tonumber(f[5]) or 0) + 1)
  local top = top_of(owner, group)
  local input, output = choice and choice.input, choice and choice.output
  if not choice then input, output = need_of(kind, f[8], '') end
  local cost = (input + LIMIT.output_weight * output) / (tonumber(f[10]) or 1)
  leave(id, kind, owner, group, f[7])
  if group ~= '' then serve_within(group, owner, cost) end
  local paid = counter_of(TOP, top)
  note_start(kind, tonumber(f[4]), paid, choice and choice.buckets.requests.closed_until or 0)
  set_counter(TOP, top, paid + cost)
  local taken_from = {}
  local function take(b, amount)
    spend(b, amount)
    taken_from[#taken_from + 1] = b
  end
  if bucket.rate > 0 then take(bucket, 1) end
  local set = {
    'state', 'PROGRESS', 'attempt', attempt, 'writer', '',  -- whoever had it before may append no more
    'held_input', tostring(input), 'held_output', tostring(output), 'held_shared', tostring(choice and choice.shared or 0),
  }
  local model = choice and choice.account.model or ''
  if choice then
    local buckets = choice.buckets
    if buckets.input.rate > 0 then take(buckets.input, input) end
    if buckets.output.rate > 0 then take(buckets.output, output) end
    take(buckets.requests, 1)
    call('SADD', K('calls', model), id)
    set[#set + 1], set[#set + 2] = 'call_model', model
    if choice.warms then
      set[#set + 1], set[#set + 2] = 'warms', '1'
      call('SET', warmth_key(kind, f[6], model), id, 'PX', LIMIT.warm_ms)
    end
  end
  if #taken_from > 0 then save_buckets(taken_from) end
  tell_shares(taken_from)
  count_up('started')
  if attempt == '1' then count_up('wait:' .. wait_step(NOW - tonumber(f[4]))) end
  call('ZADD', K('reserved', kind), NOW + LIMIT.claim_ms, id)
  append_event(id, 'task_admitted', '{"attempt":' .. attempt .. '}', set, {}, f)
  return { id, attempt, kind, model }
end

-- Chats and tests before analyses, unless the owner who would go is far ahead of the one whose analysis it
-- would pass. Analysis is the last of the given kinds, if it is among them.
local function behind_who_is_ahead(kinds)
  if #kinds < 2 or kinds[#kinds] ~= 'analysis' then return kinds end
  local function least(kind)
    return tonumber(call('ZRANGE', K('owners', kind), 0, 0, 'WITHSCORES')[2])
  end
  local passed, first, ahead = least('analysis') + LIMIT.head_start, {}, {}
  for _, kind in ipairs(kinds) do
    table.insert(kind ~= 'analysis' and least(kind) > passed and ahead or first, kind)
  end
  for _, kind in ipairs(ahead) do first[#first + 1] = kind end
  return first
end

-- The kinds in which something waits, and how many of them, which come first, have waited too long: since
-- the oldest came, or the kind's last start.
local function kinds_in_order()
  local aged, others, waited = {}, {}, {}
  for _, kind in ipairs(ADMISSION_ORDER) do
    local oldest = call('ZRANGE', K('waiting', kind), 0, 0)[1]
    if oldest then
      waited[kind] = NOW - math.max(tonumber(call('HGET', K('task', oldest), 'created_at')), admitted_at[kind] or 0)
      table.insert(waited[kind] > LIMIT.ageing_ms and aged or others, kind)
    end
  end
  table.sort(aged, function(a, b) return waited[a] > waited[b] end)
  local old = #aged
  for _, kind in ipairs(behind_who_is_ahead(others)) do aged[#aged + 1] = kind end
  return aged, old
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

-- Owners of a kind in turn, each after its group.
local function each_owner(kind)
  local members, group, within = each_of(K('owners', kind), LIMIT.look_at_owners), '', nil
  return function()
    local owner = within and within()
    while not owner do
      group, within = '', nil
      local member = members()
      if not member or not is_group(member) then return member and group, member end
      local level = kind .. member
      group, within = member, each_of(K('owners', level), LIMIT.look_at_owners)
      owner = within()
    end
    return group, owner
  end
end

-- The next task of a kind that may start, and its call if it needs one; else when the clock could change
-- that. Owners take turns by what they consumed. Tasks whose document is just being written to the cache are
-- passed over; whoever else cannot start holds the line, but not those that need no call at all.
local function next_of(kind, account)
  local later, passed, left = nil, {}, LIMIT.look_at_most
  for group, owner in each_owner(kind) do
    local level = kind .. group
    for id in each_of(K('line', level, owner), math.min(left, LIMIT.look_at_tasks)) do
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

local kinds, old = kinds_in_order()
if #kinds > 0 then
  local cards = live_cards()
  local account = account_of(cards)
  for place, kind in ipairs(kinds) do
    if free_slots(kind, cards) > 0 then
      local bucket = kind_bucket(kind, cards)
      local kind_at, id, choice, call_at = opens_at(bucket), next_of(kind, account)
      if id and not kind_at then return start(id, kind, bucket, choice) end
      if kind_at or call_at then by_clock(math.max(kind_at or 0, call_at or 0)) end
      -- small tasks of other kinds would take for ever what a large one saves up for
      if place <= old and call_at and not kind_at and call_at - NOW <= LIMIT.burst_ms then break end
    end
  end
end
return { next_at and whole(next_at - NOW) or '' }
