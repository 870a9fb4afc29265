-- Lines, and fairness between owners: see turns.py. `group` is '' at the top, where owners take turns with each
-- other and with groups, and a group's name within it. A `member` is who takes turns there. A level is
-- `kind .. group`.

local function is_group(member)
  return string.byte(member) == 64  -- GROUP_MARK
end

-- Who takes turns at the top for an owner: its group, or itself.
local function top_of(owner, group)
  return group ~= '' and group or owner
end

-- Where somebody begins who comes, or comes back: at what was served last, or at the least that anybody
-- who waits has consumed where that is below it, because owners get back what was estimated too high.
local function present_least(group)
  local least = tonumber(call('HGET', K('fairness', group), 'virtual'))
  for _, kind in ipairs(ADMISSION_ORDER) do
    local level = kind .. group
    local first = tonumber(call('ZRANGE', K('owners', level), 0, 0, 'WITHSCORES')[2])
    if first and not (least and least < first) then least = first end
  end
  return least or 0
end

-- What a member has consumed, in weighted tokens.
local function counter_of(group, member)
  return tonumber(call('ZSCORE', K('counters', group), member)) or present_least(group)
end

-- The member's place among others, in every kind in which it has a line.
local function set_counter(group, member, counter)
  call('ZADD', K('counters', group), counter, member)
  if group ~= '' then call('PEXPIRE', K('counters', group), LIMIT.retention_ms) end
  for _, kind in ipairs(ADMISSION_ORDER) do
    local level = kind .. group
    local since = call('HGET', K('since', level), member)
    if since then call('ZADD', K('owners', level), counter + since * LIMIT.tie_break, member) end
  end
end

-- The owner and its group have consumed so much more.
local function charge(owner, group, amount)
  if group ~= '' then set_counter(group, owner, counter_of(group, owner) + amount) end
  local top = top_of(owner, group)
  set_counter(TOP, top, counter_of(TOP, top) + amount)
end

-- What a call is expected to take: input and output tokens, and both as fairness weighs them. `model`
-- is '' for an engine without an account.
local function need_of(kind, chars, model)
  local f = call('HMGET', K('estimates', model), 'extra_input:' .. kind, 'output:' .. kind)
  local input = (tonumber(chars) or 0) * LIMIT.tokens_per_char + (tonumber(f[1]) or LIMIT['first_input_' .. kind])
  local output = tonumber(f[2]) or LIMIT['first_output_' .. kind]
  return input, output, input + LIMIT.output_weight * output
end

-- Learn from what one call really used; see Estimates in admission.py.
local function learn_need(kind, chars, model, input, output)
  local f = call('HMGET', K('estimates', model), 'extra_input:' .. kind, 'output:' .. kind, 'calls:' .. kind)
  local extra = tonumber(f[1]) or LIMIT['first_input_' .. kind]
  local expected = tonumber(f[2]) or LIMIT['first_output_' .. kind]
  local calls = math.min((tonumber(f[3]) or 0) + 1, LIMIT.few_calls + 1)
  extra = extra + math.max(0.2, 1 / calls) * (math.max(0, input - (tonumber(chars) or 0) * LIMIT.tokens_per_char) - extra)
  if calls <= LIMIT.few_calls then
    expected = expected + (output - expected) / calls
  else
    local step = math.max(10, 0.1 * expected)
    expected = math.max(1, expected + (output > expected and 0.75 * step or -0.25 * step))
  end
  call('HSET', K('estimates', model), 'extra_input:' .. kind, tostring(extra), 'output:' .. kind, tostring(expected),
    'calls:' .. kind, whole(calls))
end

-- Whether answers have lately become much slower than usual; see note_run in admission.py.
local function note_run(kind, model, ran, output)
  local f = call('HMGET', K('estimates', model), 'usual_ms:' .. kind, 'recent_ms:' .. kind)
  local took = ran / (output + LIMIT.first_byte_tokens)
  local usual, recent = tonumber(f[1]) or took, tonumber(f[2]) or took
  recent = recent + 0.2 * (took - recent)
  usual = usual + 0.02 * (took - usual)
  local slow = recent > LIMIT.slow * usual
  if slow then usual = recent end
  call('HSET', K('estimates', model), 'usual_ms:' .. kind, tostring(usual), 'recent_ms:' .. kind, tostring(recent))
  return slow
end

-- A member who waited for nothing of that kind begins at the present least, so that nobody saves up turns by
-- staying away. Whether it had none.
local function begin_to_wait(kind, group, member, order)
  local level = kind .. group
  if call('HSETNX', K('since', level), member, order) == 0 then return false end
  local counter, least = call('ZSCORE', K('counters', group), member), present_least(group)
  counter = math.max(tonumber(counter) or least, least)
  set_counter(group, member, counter)
  -- identities are free there; who is below the least begins at it anyway
  if group ~= '' then call('ZREMRANGEBYSCORE', K('counters', group), '-inf', '(' .. tostring(least)) end
  return true
end

-- Add to the owner's line. Whether it had none.
local function stand_in_line(id, kind, owner, group, order, priority, asked_engine)
  local level = kind .. group
  if asked_engine and asked_engine ~= '' then call('ZADD', K('unbilled', kind), order, id) end
  local is_first = begin_to_wait(kind, group, owner, order)
  if group ~= '' then begin_to_wait(kind, TOP, group, order) end
  call('ZADD', K('line', level, owner), order - (tonumber(priority) or 0) * 2 ^ 40, id)
  call('ZADD', K('waiting', kind), order, id)
  return is_first
end

-- An owner whose line is empty waits for nothing, nor does a group of which nobody waits.
local function stop_waiting(kind, group, owner)
  local level = kind .. group
  if call('EXISTS', K('line', level, owner)) == 1 then return end
  call('ZREM', K('owners', level), owner)
  call('HDEL', K('since', level), owner)
  if group == '' or call('EXISTS', K('owners', level)) == 1 then return end
  call('ZREM', K('owners', kind), group)
  call('HDEL', K('since', kind), group)
end

local function leave_line(id, kind, owner, group)
  local level = kind .. group
  call('ZREM', K('waiting', kind), id)
  call('ZREM', K('unbilled', kind), id)
  call('ZREM', K('parked', kind), id)
  if call('ZREM', K('line', level, owner), id) == 1 then stop_waiting(kind, group, owner) end
end

-- A place from 1; see place_in_line in turns.py. nil when it does not wait.
local function place_of(id, kind, owner, group)
  local level = kind .. group
  local own = call('ZRANK', K('line', level, owner), id)
  if not own then return nil end
  if group ~= '' then
    own = own * call('ZCARD', K('owners', level)) + call('ZRANK', K('owners', level), owner)
  end
  local owners, rank = call('ZCARD', K('owners', kind)), call('ZRANK', K('owners', kind), top_of(owner, group))
  return math.min(call('ZCARD', K('waiting', kind)), own * owners + rank + 1)
end
