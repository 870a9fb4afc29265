-- The queue at one moment, in time that does not grow with it. ARGV: none. Answer: JSON of Stats.
local cards = live_cards()
local account = account_of(cards)

-- What the head of a line waits for, and when it reopens by the clock.
local function why_waiting(kind, slots, kind_at)
  local owner, level = call('ZRANGE', K('owners', kind), 0, 0)[1], kind
  if owner and is_group(owner) then
    level = kind .. owner
    owner = call('ZRANGE', K('owners', level), 0, 0)[1]
  end
  local head = owner and call('ZRANGE', K('line', level, owner), 0, 0)[1]
  local f = head and call('HMGET', K('task', head), 'input_chars', 'shared_chars', 'document_id', 'asked_engine') or {}
  local call_open, call_at, why = true, nil, nil
  if account and not f[4] then call_open, call_at, why = choose_call(account, kind, f[1], f[2], f[3]) end
  if slots == 0 then return 'worker', nil end
  if why == 'engine' then return 'engine', call_at end
  if why == 'warming' then call_open = true end
  if kind_at or not call_open then
    local at = math.max(kind_at or 0, call_at or 0)
    return 'budget', at > 0 and at or nil
  end
  return 'turn', nil
end

-- Calls a minute that the account allows; 0: as many as they like.
local calls = account and pace_of(account_buckets(account).requests) or 0
local kinds, slots, engines, budgets = {}, 0, {}, {}
for _, kind in ipairs(ADMISSION_ORDER) do
  local of_kind, bucket = slots_of(kind, cards), kind_bucket(kind, cards)
  local why, at = why_waiting(kind, of_kind, opens_at(bucket))
  local head = call('ZRANGE', K('waiting', kind), 0, 0)[1]
  local limit, moves = limit_of(kind, cards), call('HMGET', K('fairness', TOP), 'step_ms:' .. kind, 'inflow:' .. kind)
  kinds[kind] = {
    waiting = call('ZCARD', K('waiting', kind)), reserved = call('ZCARD', K('reserved', kind)),
    active = call('ZCARD', K('claimed', kind)), parked = call('ZCARD', K('parked', kind)),
    slots = of_kind, free = math.max(0, free_slots(kind, cards)),
    oldest_at = head and tonumber(call('HGET', K('task', head), 'created_at')) or nil,
    run_ms = tonumber(call('HGET', K('pace'), kind)) or nil, step_ms = tonumber(moves[1]) or nil,
    inflow = tonumber(moves[2]) or 0, limit_per_minute = limit > 0 and limit or nil,
    allowed_per_minute = (limit > 0 or calls > 0) and math.min(limit > 0 and limit or calls, calls > 0 and calls or limit) or nil,
    waiting_for = why, reopens_at = at,
  }
end
for _, card in ipairs(cards) do
  slots = slots + card.slots
  engines[#engines + 1] = card.engine
end
local names = call('HKEYS', K('buckets'))
for _, b in ipairs(#names > 0 and load_buckets(names) or {}) do
  local closed = b.closed_until > NOW
  budgets[#budgets + 1] = {
    name = b.name, limit = b.rate > 0 and b.rate or nil, left = b.rate > 0 and refill(b) or nil,
    in_flight = call('SCARD', K('calls', string.match(b.name, ':(.*)'))),
    closed_until = closed and b.closed_until or nil, reason = closed and b.reason or nil,
  }
end
return cjson.encode({
  now = NOW, workers = #cards, slots = slots, engines = engines, kinds = kinds, budgets = budgets,
  dead = call('ZCARD', K('dead')), costs = cost_level('all', caps().limit),
})
