-- Budgets: token buckets; see Bucket in buckets.py. Each is packed into one field of one hash, so that those
-- which a call takes from are read together and written together.

-- What is not said of a bucket.
local A_BUCKET = { __index = {
  rate = 0, at = 0, closed_until = 0, failures = 0, cut_at = 0, taken = 0, refused_at = 0, minute = 0, share = 0,
} }

local function load_buckets(names)
  local found = call('HMGET', K('buckets'), unpack(names))
  for i, name in ipairs(names) do
    found[i] = setmetatable(found[i] and cmsgpack.unpack(found[i]) or { name = name }, A_BUCKET)
  end
  return found
end

local function load_bucket(name)
  return load_buckets({ name })[1]
end

local function save_buckets(buckets)
  local set = {}
  for _, b in ipairs(buckets) do
    set[#set + 1] = b.name
    set[#set + 1] = cmsgpack.pack(b)
  end
  call('HSET', K('buckets'), unpack(set))
end

-- What was taken in the present minute, as shares of limits.
local function tell_shares(buckets)
  local set = {}
  for _, b in ipairs(buckets) do
    if b.rate > 0 then
      set[#set + 1] = 'share:' .. b.name
      set[#set + 1] = tostring(b.share)
    end
  end
  if #set > 0 then note_minute(call('HSET', present_minute(), unpack(set))) end
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

local function count_share(b, amount)
  if b.rate <= 0 then return end
  local now = math.floor(NOW / 60000)
  if b.minute ~= now then b.minute, b.share = now, 0 end
  b.share = b.share + amount / b.rate
end

-- Spend. A large need takes the level below zero. Without a limit the level means nothing.
local function spend(b, amount)
  b.level = refill(b) - amount
  b.taken = b.taken + amount
  count_share(b, amount)
end

local function give_back(name, amount)
  local b = load_bucket(name)
  if pace_of(b) <= 0 then return end
  b.level = math.min(capacity(b), refill(b) + (amount or 1))
  count_share(b, -(amount or 1))
  save_buckets({ b })
  tell_shares({ b })
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
