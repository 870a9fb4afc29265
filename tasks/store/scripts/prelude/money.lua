-- Money, in billionths of a US dollar; see money.py.

local function spent_key()
  local today = whole(math.floor(NOW / 86400000))
  return K('spent', today)
end

local function hold_money(id, owner, nanos)
  if nanos == 0 then return end
  call('HINCRBY', K('task', id), 'held_nanos', whole(nanos))
  call('HINCRBY', K('held'), 'all', whole(nanos))
  if call('HINCRBY', K('held'), 'of:' .. owner, whole(nanos)) == 0 then call('HDEL', K('held'), 'of:' .. owner) end
end

-- What a task is known to have cost has grown: that much is spent today and no longer held.
local function spend_money(id, nanos)
  if nanos == 0 then return end
  local f = call('HMGET', K('task', id), 'owner', 'held_nanos')
  for _, name in ipairs({ 'all', 'of:' .. f[1] }) do call('HINCRBY', spent_key(), name, whole(nanos)) end
  call('PEXPIRE', spent_key(), LIMIT.retention_ms)
  hold_money(id, f[1], -math.max(0, math.min(nanos, tonumber(f[2]) or 0)))
end

local function let_money_go(id, owner)
  hold_money(id, owner, -(tonumber(call('HGET', K('task', id), 'held_nanos')) or 0))
end

-- What was spent today and what is held under that name.
local function money_of(name)
  return tonumber(call('HGET', spent_key(), name)) or 0, tonumber(call('HGET', K('held'), name)) or 0
end

-- The limits of a day and the prices, as live workers announced them last; '' for what there is none of.
local function caps()
  local f = call('HMGET', K('caps'), 'model', 'input', 'output', 'cache_write', 'cache_read', 'least_cached_tokens',
    'daily_cost_limit_usd', 'owner_daily_cost_limit_usd')
  return {
    model = f[1] or '', input = tonumber(f[2]), output = tonumber(f[3]), cache_write = tonumber(f[4]),
    cache_read = tonumber(f[5]), least_cached_tokens = tonumber(f[6]), limit = tonumber(f[7]), owner_limit = tonumber(f[8]),
  }
end

local function cost_level(name, limit)
  local spent, held = money_of(name)
  return {
    spent_usd = spent / 1e9, held_usd = held / 1e9, limit_usd = limit,
    opens_at = (math.floor(NOW / 86400000) + 1) * 86400000,
  }
end
