-- Lines, and fairness between owners.

-- Where an owner begins who comes, or comes back: at what was served last, or at the least that anybody
-- who waits has consumed where that is below it, because owners get back what was estimated too high.
local function present_least()
  local least = tonumber(call('HGET', K('fairness'), 'virtual')) or 0
  for _, kind in ipairs(ADMISSION_ORDER) do
    least = math.min(least, tonumber(call('ZRANGE', K('owners', kind), 0, 0, 'WITHSCORES')[2]) or least)
  end
  return least
end

-- What an owner has consumed, in weighted tokens.
local function counter_of(owner)
  return tonumber(call('ZSCORE', K('counters'), owner)) or present_least()
end

local function score_of(kind, owner, counter)
  return counter + (tonumber(call('HGET', K('since', kind), owner)) or 0) * LIMIT.tie_break
end

-- The owner's place among others, in every kind in which it has a line.
local function set_counter(owner, counter)
  call('ZADD', K('counters'), counter, owner)
  for _, kind in ipairs(ADMISSION_ORDER) do
    if call('ZSCORE', K('owners', kind), owner) then
      call('ZADD', K('owners', kind), score_of(kind, owner, counter), owner)
    end
  end
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
  local f = call('HMGET', K('estimates', model), 'extra_input:' .. kind, 'output:' .. kind)
  local extra = tonumber(f[1]) or LIMIT['first_input_' .. kind]
  local expected = tonumber(f[2]) or LIMIT['first_output_' .. kind]
  extra = extra + 0.2 * (math.max(0, input - (tonumber(chars) or 0) * LIMIT.tokens_per_char) - extra)
  local step = math.max(10, 0.1 * expected)
  expected = math.max(1, expected + (output > expected and 0.75 * step or -0.25 * step))
  call('HSET', K('estimates', model), 'extra_input:' .. kind, tostring(extra), 'output:' .. kind, tostring(expected))
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

-- Add to the owner's line. An owner who had none begins at the present least, so that nobody saves up
-- turns by staying away.
local function stand_in_line(id, kind, owner)
  local f = call('HMGET', K('task', id), 'order', 'priority', 'asked_engine')
  local line = K('line', kind, owner)
  if f[3] then call('ZADD', K('unbilled', kind), f[1], id) end
  if call('EXISTS', line) == 0 then
    local counter = math.max(counter_of(owner), present_least())
    call('HSET', K('since', kind), owner, f[1])
    call('ZADD', K('owners', kind), score_of(kind, owner, counter), owner)
    set_counter(owner, counter)
  end
  call('ZADD', line, tonumber(f[1]) - tonumber(f[2] or 0) * 2 ^ 40, id)
  call('ZADD', K('waiting', kind), f[1], id)
end

local function leave_line(id, kind, owner)
  call('ZREM', K('waiting', kind), id)
  call('ZREM', K('unbilled', kind), id)
  call('ZREM', K('parked', kind), id)
  local line = K('line', kind, owner)
  if call('ZREM', line, id) == 1 and call('EXISTS', line) == 0 then
    call('ZREM', K('owners', kind), owner)
    call('HDEL', K('since', kind), owner)
  end
end

-- A place from 1; see place_in_line in admission.py. nil when it does not wait.
local function place_of(id, kind, owner)
  local own = call('ZRANK', K('line', kind, owner), id)
  if not own then return nil end
  local owners, rank = call('ZCARD', K('owners', kind)), call('ZRANK', K('owners', kind), owner)
  return math.min(call('ZCARD', K('waiting', kind)), own * owners + rank + 1)
end
