-- Budgets: token buckets; see Bucket in admission.py.

local function load_bucket(name)
  local f = call('HMGET', K('budget', name), 'rate', 'level', 'at', 'closed_until', 'reason', 'probing', 'known',
    'failures', 'window', 'cut_at', 'taken', 'left', 'found', 'refused_at')
  return {
    name = name, is_there = f[1], rate = tonumber(f[1]) or 0, level = tonumber(f[2]), at = tonumber(f[3]) or 0,
    closed_until = tonumber(f[4]) or 0, reason = f[5] ~= '' and f[5] or nil, probing = f[6] == '1', known = f[7] == '1',
    failures = tonumber(f[8]) or 0, window = tonumber(f[9]), cut_at = tonumber(f[10]) or 0, taken = tonumber(f[11]) or 0,
    left = tonumber(f[12]), found = tonumber(f[13]), refused_at = tonumber(f[14]) or 0,
  }
end

local function save_bucket(b)
  call('HSET', K('budget', b.name), 'rate', tostring(b.rate), 'level', tostring(b.level), 'at', whole(b.at),
    'closed_until', whole(b.closed_until), 'reason', b.reason or '', 'probing', b.probing and '1' or '0',
    'known', b.known and '1' or '0', 'failures', whole(b.failures), 'window', tostring(b.window),
    'cut_at', whole(b.cut_at), 'taken', tostring(b.taken), 'left', tostring(b.left), 'found', tostring(b.found),
    'refused_at', whole(b.refused_at))
  if not b.is_there then call('SADD', K('budgets'), b.name) end
end

-- What is spent a minute: the rate, or less where 429s have taught that; 0: no limit.
local function pace_of(b)
  if not b.found then return b.rate end
  return b.rate > 0 and math.min(b.rate, b.found) or b.found
end

local function capacity(b)
  return math.max(1, pace_of(b) * LIMIT.burst_ms / 60000)
end

local function refill(b)
  local level = b.level and b.level + (NOW - b.at) * pace_of(b) / 60000 or capacity(b)
  b.taken = b.taken * math.exp(math.min(0, b.at - NOW) / 60000)
  b.level, b.at = math.min(capacity(b), level), NOW
  return b.level
end

-- What was saved up under the old rate stays; a bucket that had no limit so far starts full.
local function set_rate(b, rate)
  if pace_of(b) > 0 then refill(b) else b.level = nil end
  b.rate = rate
end

-- When that much may be taken; nil: now. What is more than a full bucket waits for a full one.
local function opens_at(b, need)
  if b.closed_until > NOW then return b.closed_until end
  local pace = pace_of(b)
  if pace <= 0 then return nil end
  local wanted = math.min(need or 1, capacity(b))
  local level = refill(b)
  if level >= wanted then return nil end
  return NOW + math.floor((wanted - level) * 60000 / pace) + 1
end

-- Spend. A large need takes the level below zero. Without a limit the level means nothing.
local function spend(b, amount)
  b.level = refill(b) - amount
  b.taken = b.taken + amount
  if b.is_there then  -- what else it holds stays as it is
    call('HSET', K('budget', b.name), 'rate', tostring(b.rate), 'level', tostring(b.level), 'at', whole(b.at),
      'taken', tostring(b.taken))
  else
    save_bucket(b)
  end
  if b.rate > 0 then count_up('share:' .. b.name, amount / b.rate) end
end

-- Likewise, of what only a limit makes worth counting.
local function take(b, amount)
  if b.rate > 0 then spend(b, amount or 1) end
end

local function give_back(name, amount)
  local b = load_bucket(name)
  if pace_of(b) <= 0 then return end
  b.level = math.min(capacity(b), refill(b) + (amount or 1))
  save_bucket(b)
  if b.rate > 0 then count_up('share:' .. name, -(amount or 1) / b.rate) end
end

-- Adopt what an answer's headers said, and stay a little behind.
local function believe(b, limit, remaining, least)
  if limit ~= '' then set_rate(b, tonumber(limit)) end
  if remaining ~= '' then
    b.level = math.min(refill(b), tonumber(remaining) - math.max(least, b.rate * LIMIT.behind_ms / 60000))
  end
end

-- A 429 came. Where the headers say that something is used up they explain it; otherwise less may be
-- had than is believed.
local function ease(b)
  if b.left and b.left <= LIMIT.spent then return end
  refill(b)
  local pace = pace_of(b)
  if pace <= 0 and b.taken < LIMIT.telling then return end
  b.found, b.refused_at = math.max(1, LIMIT.eased * (pace > 0 and pace or b.taken)), NOW
end

-- Let fewer run at a time, once for all that fails together.
local function cut_window(b, in_flight)
  if not b.window or NOW - b.cut_at >= LIMIT.cut_every_ms then
    b.window, b.cut_at = math.max(1, math.floor(LIMIT.cut * in_flight)), NOW
  end
end

-- A call succeeded: what was lowered rises, unless the answer came slowly; then fewer run at a time.
local function note_success(b, in_flight, slow)
  b.probing, b.known, b.reason, b.failures = false, true, nil, 0
  if slow then
    cut_window(b, in_flight)
  elseif b.window then
    b.window = b.window + LIMIT.widens
    if b.window > 2 * in_flight + 2 then b.window = nil end
  end
  if b.found then
    b.found = b.found + LIMIT.raised * math.max(1, (NOW - b.refused_at) / 60000)
    if b.rate > 0 and b.rate <= b.found then b.found = nil end
  end
end
