-- Leases: taken, settled, given back.

local function free_call(id)
  local meta = K('task', id)
  local f = call('HMGET', meta, 'call_model', 'document_id', 'warms', 'kind')
  if f[1] then
    call('SREM', K('calls', f[1]), id)
    call('HDEL', meta, 'call_model', 'warms')
  end
  -- it ended before its document was in the cache: another one has to write it
  if f[3] and call('GET', warmth_key(f[4], f[2], f[1])) == id then call('DEL', warmth_key(f[4], f[2], f[1])) end
end

-- A call has begun to answer, so its document stands in the model's cache: the others may follow.
local function note_cached(id)
  local f = call('HMGET', K('task', id), 'call_model', 'document_id', 'warms', 'kind')
  if not f[1] or not f[2] then return end
  local key = warmth_key(f[4], f[2], f[1])
  local writer = call('GET', key)
  if writer == '' or writer == id or (f[3] and not writer) then call('SET', key, '', 'PX', LIMIT.cache_ms) end
  if writer == id then wake() end
end

-- The owner and the budgets have paid the estimate at admission, and pay what it really was at the end.
local function settle(id, input, output)
  local f = call('HMGET', K('task', id), 'held_input', 'held_output', 'owner', 'call_model', 'group', 'weight')
  if not f[1] then return end
  local held_input, held_output = tonumber(f[1]), tonumber(f[2])
  call('HDEL', K('task', id), 'held_input', 'held_output')
  local more = input - held_input + LIMIT.output_weight * (output - held_output)
  charge(f[3], f[5] or '', more / (tonumber(f[6]) or 1))
  if f[4] then
    give_back('input:' .. f[4], held_input - input)
    give_back('output:' .. f[4], held_output - output)
  end
end

-- Its call has taken nothing of the account.
local function unspend(id)
  settle(id, 0, 0)
  local model = call('HGET', K('task', id), 'call_model')
  if model then give_back('requests:' .. model) end
end

-- Undo an admission that no worker has begun: nothing was spent.
local function refund(id, kind)
  unspend(id)
  call('ZREM', K('reserved', kind), id)
  give_back('kind:' .. kind)
  free_call(id)
end

local function drop_lease(id, kind, worker)
  call('ZREM', K('claimed', kind), id)
  if worker then
    call('SREM', K('worker_tasks', worker), id)
    if call('EXISTS', K('worker_tasks', worker)) == 0 then call('DEL', K('worker_crowd', worker)) end
  end
  call('HDEL', K('task', id), 'token', 'worker')
  free_call(id)
end

-- Give the slot and the call back, and remember how long such a run takes.
local function set_free(id)
  local f = call('HMGET', K('task', id), 'kind', 'worker', 'state', 'claimed_at')
  if f[3] == 'SUCCESS' and f[4] then
    local ran = NOW - tonumber(f[4])
    local pace = tonumber(call('HGET', K('pace'), f[1])) or ran
    call('HSET', K('pace'), f[1], whole(0.8 * pace + 0.2 * ran))
  end
  drop_lease(id, f[1], f[2])
  wake()
end

-- Why a worker's write is not taken, or nil. An expired lease is no reason; only a raised attempt is.
-- What is compared is the number of the attempt, or the token of its claim, which no restore gives out again.
local function refusal_of(state, present, own)
  if not state then return 'gone' end
  if ended(state) then return 'ended' end
  if present ~= own then return 'stale' end
  return nil
end

local function refusal(id, attempt)
  local f = call('HMGET', K('task', id), 'state', 'attempt')
  return refusal_of(f[1], f[2], attempt)
end

local function holds(id, attempt, token)
  return not refusal(id, attempt) and call('HGET', K('task', id), 'token') == token
end

local function cancel_task(id)
  local f = call('HMGET', K('task', id), 'state', 'kind')
  if not f[1] then return nil end
  if ended(f[1]) then return f[1] end
  if call('ZSCORE', K('reserved', f[2]), id) then refund(id, f[2]) end
  append_event(id, 'task_cancelled', '{}', { 'state', 'REVOKED', 'ended_at', whole(NOW) }, {})
  call('PUBLISH', K('control_channel'), 'cancel ' .. id)
  wake()
  return 'REVOKED'
end

-- Stop a task and remove everything of it; whoever watches it is told.
local function remove_task(id, owner)
  cancel_task(id)
  local f = call('HMGET', K('task', id), 'kind', 'worker', 'seq')
  if not f[1] then return end
  drop_lease(id, f[1], f[2])
  call('DEL', K('task', id), K('log', id), K('text', id), K('task_findings', id), K('input', id))
  call('ZREM', K('dead'), id)
  call('ZREM', K('owner_tasks', owner), id)
  call('PUBLISH', K('task_channel', id), EPOCH .. ':' .. whole(tonumber(f[3]) + 1) .. ':')
end
