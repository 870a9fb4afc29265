-- What every script starts with: the clock and the generation. The other files of this folder hold the pieces
-- that decisions share, in the order in which `PRELUDE` in redis_scripts.py names them; with the scripts as
-- functions behind them they are one library, defined once, when it is loaded into the store.
-- Before it stands KEY, the table of key templates from tasks/contract/names.py, and LIMIT, the
-- bounds of tasks/store/redis_scripts.py. tasks/store/admission.py says the same rules in Python; the
-- conformance suite holds the two together.
--
-- Each script is called with KEYS[1] = the generation key, which carries the cell's hash tag; all
-- other keys are built from ids and lie in the same slot.

-- They hold for one call; the library lives from one to the next.
local call, NOW, EPOCH, buckets_of

local function begin(KEYS)
  call = redis.call  -- which is not there yet while the library is loaded
  local clock = call('TIME')
  NOW = clock[1] * 1000 + math.floor(clock[2] / 1000)
  EPOCH = call('HGET', KEYS[1], 'epoch')
  buckets_of = {}
end

local TOP = ''  -- the level above all groups; see lines.lua
local ADMISSION_ORDER = { 'chat', 'test', 'analysis' }

local function K(name, a, b)
  return string.format(KEY[name], a, b)
end

local function whole(number)
  return string.format('%.0f', number)
end

-- The last hour

local function present_minute()
  local now = whole(math.floor(NOW / 60000))
  return K('minute', now)
end

-- It is forgotten after its hour; `new` fields were just made in it.
local function note_minute(new)
  if new > 0 then call('PEXPIRE', present_minute(), LIMIT.history_ms) end
end

-- Add to a count of the present minute; see history.py.
local function count_up(field)
  note_minute(call('HINCRBY', present_minute(), field, 1) == 1 and 1 or 0)
end

local function wait_step(waited_ms)
  if waited_ms < LIMIT.shortest_wait_ms then return 0 end
  return math.floor(math.log(waited_ms / LIMIT.shortest_wait_ms) / math.log(LIMIT.step_ratio)) + 1
end
